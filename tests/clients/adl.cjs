// adl-xapiwrapper: statements with more, state and both kinds of profile with the hash of what was seen.
"use strict";

const assert = require("node:assert/strict");
const { promisify } = require("node:util");
const adl = require("adl-xapiwrapper");
const { activity, endpoint, key, learner, password, report, statement } = require("./told.cjs");

const wrapper = new adl.XAPIWrapper({ url: endpoint, auth: { user: key, pass: password } });

// The status and the content of its answer.
async function ask(method, ...parameters) {
  const answer = await promisify(wrapper[method]).call(wrapper, ...parameters);
  return { status: answer.statusCode, body: answer.body, etag: answer.headers.etag };
}

async function statements() {
  const all = [statement(), statement(), statement()];
  assert.deepEqual(JSON.parse((await ask("sendStatements", all[0])).body), [all[0].id]);
  assert.equal((await ask("sendStatements", all.slice(1))).status, 200);
  const search = { agent: JSON.stringify(learner), activity, limit: 2 };
  const first = JSON.parse((await ask("getStatements", search, null)).body);
  const rest = JSON.parse((await ask("getStatements", null, first.more)).body);
  const ids = all.map((one) => one.id);
  assert.deepEqual(new Set([...first.statements, ...rest.statements].map((one) => one.id)), new Set(ids));
  return ids;
}

async function documents() {
  for (const [kind, place, read] of [
    ["State", [activity, learner, "bookmark", null], [activity, learner, "bookmark", null, null]],
    ["ActivityProfile", [activity, "bookmark"], [activity, "bookmark", null]],
    ["AgentProfile", [learner, "bookmark"], [learner, "bookmark", null]],
  ]) {
    const send = async (value, match, noneMatch) => (await ask(`send${kind}`, ...place, value, match, noneMatch)).status;
    assert.equal(await send({ page: 1 }, null, "*"), 204);
    assert.equal(await send({ page: 2 }, null, "*"), 412);
    const seen = adl.hash(JSON.stringify({ page: 1 }));
    assert.equal(await send({ page: 3 }, `"${seen}"`, null), 204);
    assert.equal(await send({ page: 4 }, `"${seen}"`, null), 412);
    assert.deepEqual(JSON.parse((await ask(`get${kind}`, ...read)).body), { page: 3 });
  }
}

async function main() {
  // The wrapper calls back once with whether it may go on.
  assert.ok(await new Promise((resolve) => wrapper.testConfig(resolve)));
  const ids = await statements();
  await documents();
  assert.equal((await ask("getActivities", activity)).status, 200);
  assert.equal((await ask("getAgents", learner)).status, 200);
  report(ids);
}

main();
