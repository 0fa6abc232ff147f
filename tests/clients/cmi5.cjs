// @xapi/cmi5: a launch from its fetch URL to `terminated`.
"use strict";

const assert = require("node:assert/strict");
// It is made for browsers, and asks what they have to make requests.
global.XMLHttpRequest ??= require("xhr2");
const Cmi5 = require("@xapi/cmi5/dist/Cmi5.umd.js");
const { activity, endpoint, fetch, learner, registration, report } = require("./told.cjs");

async function main() {
  const launched = new Cmi5({ endpoint, fetch, actor: learner, activityId: activity, registration });
  const ids = [];
  const noted = async (answer) => ids.push(...(await answer).data);
  await noted(launched.initialize());
  assert.equal(launched.launchData.masteryScore, 0.7);
  assert.equal(launched.getLearnerPreferences().audioPreference, "off");
  await noted(launched.interactionChoice("quiz", "q1", ["a"], ["a"]));
  await noted(launched.pass(0.9));
  await noted(launched.complete());
  await noted(launched.terminate());
  report(ids);
}

main();
