// tincanjs: statements with more and voiding, state with an old ETag, both kinds of profile.
"use strict";

const assert = require("node:assert/strict");
const { promisify } = require("node:util");
const TinCan = require("tincanjs");
const { activity, endpoint, key, learner, password, report, statement } = require("./told.cjs");

const lrs = new TinCan.LRS({ endpoint, username: key, password, version: "1.0.2", allowFail: false });
const agent = new TinCan.Agent(learner);
const about = new TinCan.Activity({ id: activity });

// Its methods take the callback as one of their options.
function ask(method, ...parameters) {
  const options = parameters.pop();
  return promisify((callback) => lrs[method](...parameters, { ...options, callback }))();
}

async function statements() {
  const all = [statement(), statement(), statement()].map((one) => new TinCan.Statement(one));
  await ask("saveStatement", all[0], {});
  await ask("saveStatements", all.slice(1), {});
  const first = await ask("queryStatements", { params: { agent, activity: about, limit: 2 } });
  const rest = await ask("moreStatements", { url: first.more });
  const found = [...first.statements, ...rest.statements].map((one) => one.id);
  assert.deepEqual(new Set(found), new Set(all.map((one) => one.id)));

  const one = await ask("retrieveStatement", all[0].id, {});
  assert.equal(one.result.score.scaled, 0.8);
  const voiding = new TinCan.Statement({
    actor: learner,
    verb: { id: "http://adlnet.gov/expapi/verbs/voided" },
    object: { objectType: "StatementRef", id: all[1].id },
  });
  await ask("saveStatement", voiding, {});
  assert.equal((await ask("retrieveVoidedStatement", all[1].id, {})).id, all[1].id);
  return [all[0].id, all[2].id, voiding.id];
}

async function attachment() {
  const whole = new TinCan.Statement({
    ...statement(),
    attachments: [
      {
        display: { en: "notes" },
        usageType: "http://adlnet.gov/expapi/attachments/text",
        contentType: "text/plain",
        content: TinCan.Utils.stringToArrayBuffer("what was said"),
      },
    ],
  });
  await ask("saveStatement", whole, {});
  const got = await ask("retrieveStatement", whole.id, { params: { attachments: true } });
  assert.equal(got.attachments[0].getContentAsString(), "what was said");
  return [whole.id];
}

async function documents() {
  const json = { contentType: "application/json" };
  for (const [kind, whose] of [
    ["State", { activity: about, agent }],
    ["ActivityProfile", { activity: about }],
    ["AgentProfile", { agent }],
  ]) {
    await ask(`save${kind}`, "bookmark", { page: 1 }, { ...whose, ...json });
    const got = await ask(`retrieve${kind}`, "bookmark", whose);
    assert.deepEqual(got.contents, { page: 1 });
    const lastSHA1 = got.etag;
    await ask(`save${kind}`, "bookmark", { page: 2 }, { ...whose, ...json, lastSHA1 });
    await assert.rejects(ask(`save${kind}`, "bookmark", { page: 3 }, { ...whose, ...json, lastSHA1 }));
    assert.deepEqual((await ask(`retrieve${kind}`, "bookmark", whose)).contents, { page: 2 });
    assert.deepEqual(await ask(`retrieve${kind}Ids`, whose), ["bookmark"]);
    await ask(`drop${kind}`, "bookmark", whose);
    assert.equal(await ask(`retrieve${kind}`, "bookmark", whose), null);
  }
}

async function main() {
  assert.ok((await ask("about", {})).version.includes("1.0.3"));
  const ids = [...(await statements()), ...(await attachment())];
  await documents();
  assert.equal((await ask("retrieveActivity", activity, {})).definition.name.en, "Pricing");
  report(ids);
}

main();
