// What the test says to a client, and what each of them stores: the same story for all.
"use strict";

const { randomUUID } = require("node:crypto");

const told = JSON.parse(process.env.LRS_OF_THE_TEST);
const activity = "https://skills.example/pricing";
const verb = { id: "http://adlnet.gov/expapi/verbs/answered", display: { en: "answered" } };
const learner = {
  objectType: "Agent",
  name: "Anna",
  account: { homePage: "https://crm.example", name: "anna" },
};

// A statement as xAPI 1.0 has it, with an id of its own.
function statement() {
  return {
    id: randomUUID(),
    actor: learner,
    verb,
    object: { objectType: "Activity", id: activity, definition: { name: { en: "Pricing" } } },
    result: { success: true, score: { scaled: 0.8 } },
    timestamp: new Date().toISOString(),
  };
}

// The ids of what was stored, for the test to look for.
function report(ids) {
  process.stdout.write(JSON.stringify(ids));
}

module.exports = { ...told, activity, learner, report, statement, verb };
