// @xapi/xapi: statements with more and voiding, an attachment, state, both kinds of profile, with concurrency.
"use strict";

const assert = require("node:assert/strict");
const { createHash } = require("node:crypto");
const XAPI = require("@xapi/xapi");
const { activity, endpoint, key, learner, password, report, statement } = require("./told.cjs");

const auth = XAPI.toBasicAuth(key, password);
const client = new XAPI({ endpoint, auth });
const fetching = new XAPI({ endpoint, auth, adapter: "fetch" });

function status(promise) {
  return promise.then(
    (answer) => answer.status,
    (problem) => problem.response.status,
  );
}

async function statements() {
  const all = [statement(), statement(), statement()];
  assert.deepEqual((await client.sendStatement({ statement: all[0] })).data, [all[0].id]);
  assert.deepEqual((await client.sendStatements({ statements: all })).data, all.map((one) => one.id));

  const first = (await client.getStatements({ agent: learner, activity, limit: 2 })).data;
  const rest = (await client.getMoreStatements({ more: first.more })).data;
  const found = [...first.statements, ...rest.statements].map((one) => one.id);
  assert.deepEqual(new Set(found), new Set(all.map((one) => one.id)));
  assert.equal(rest.more, "");

  const [voiding] = (await client.voidStatement({ actor: learner, statementId: all[1].id })).data;
  assert.equal(await status(client.getStatement({ statementId: all[1].id })), 404);
  const voided = (await client.getVoidedStatement({ voidedStatementId: all[1].id })).data;
  assert.equal(voided.result.score.scaled, 0.8);
  return [all[0].id, all[2].id, voiding];
}

async function attachment() {
  const content = new TextEncoder().encode("what was said");
  const noted = statement();
  noted.attachments = [
    {
      usageType: "http://adlnet.gov/expapi/attachments/text",
      display: { en: "notes" },
      contentType: "text/plain",
      length: content.length,
      sha2: createHash("sha256").update(content).digest("hex"),
    },
  ];
  await fetching.sendStatement({ statement: noted, attachments: [content.buffer] });
  const [got, notes] = (await fetching.getStatement({ statementId: noted.id, attachments: true })).data;
  assert.equal(got.id, noted.id);
  assert.ok(notes.includes("what was said"));
  return [noted.id];
}

async function documents() {
  const state = { agent: learner, activityId: activity, stateId: "bookmark" };
  await client.createState({ ...state, state: { page: 1 } });
  await client.createState({ ...state, state: { slide: 2 } });
  assert.deepEqual((await client.getState(state)).data, { page: 1, slide: 2 });
  await client.setState({ ...state, state: { page: 3 } });
  assert.deepEqual((await client.getStates({ agent: learner, activityId: activity })).data, ["bookmark"]);
  await client.deleteState(state);
  assert.equal(await status(client.getState(state)), 404);

  for (const [kind, place] of [
    ["AgentProfile", { agent: learner, profileId: "preferences" }],
    ["ActivityProfile", { activityId: activity, profileId: "preferences" }],
  ]) {
    const set = (profile, matchHeader, etag) =>
      client[`set${kind}`]({ ...place, profile, matchHeader, etag });
    await set({ sound: "on" }, "If-None-Match", "*");
    assert.equal(await status(set({ sound: "off" }, "If-None-Match", "*")), 412);
    const got = await client[`get${kind}`](place);
    assert.deepEqual(got.data, { sound: "on" });
    await set({ sound: "off" }, "If-Match", got.headers.etag);
    assert.equal(await status(set({ sound: "on" }, "If-Match", got.headers.etag)), 412);
    assert.deepEqual((await client[`get${kind}`](place)).data, { sound: "off" });
    assert.deepEqual((await client[`get${kind}s`](place)).data, ["preferences"]);
  }
}

async function main() {
  assert.ok((await client.getAbout()).data.version.includes("1.0.3"));
  const ids = [...(await statements()), ...(await attachment())];
  await documents();
  assert.deepEqual((await client.getActivity({ activityId: activity })).data.definition.name, { en: "Pricing" });
  assert.deepEqual((await client.getAgent({ agent: learner })).data.account, [learner.account]);
  report(ids);
}

main();
