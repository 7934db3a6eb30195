// @medplum/core: create, read, search, page, history, update, patch, batch, delete. The base address is the argument.
import { MedplumClient } from '@medplum/core';
import assert from 'node:assert/strict';

const base = process.argv[2];
const client = new MedplumClient({ baseUrl: base.replace(/fhir$/, ''), fhirUrlPath: 'fhir', fetch, cacheTime: 0 });
const family = `Plum${Date.now()}`;
const made = [];
for (let n = 0; n < 5; n++) {
  made.push(await client.createResource({ resourceType: 'Patient', name: [{ family }] }));
}
assert.equal((await client.readResource('Patient', made[0].id)).name[0].family, family);
const found = await client.search('Patient', { family, _count: '2' });
assert.equal(found.entry.length, 2);
const seen = [];
for await (const page of client.searchResourcePages('Patient', { family, _count: '2' })) {
  seen.push(...page.map((one) => one.id));
}
assert.deepEqual(seen, made.map((one) => one.id));
const updated = await client.updateResource({ ...made[0], gender: 'female' });
assert.equal(updated.meta.versionId, '2');
const patched = await client.patchResource('Patient', made[0].id, [{ op: 'replace', path: '/gender', value: 'other' }]);
assert.equal(patched.gender, 'other');
const history = await client.readHistory('Patient', made[0].id);
assert.equal(history.entry.length, 3);
const answer = await client.executeBatch({
  resourceType: 'Bundle', type: 'batch',
  entry: [
    { request: { method: 'GET', url: `Patient/${made[1].id}` } },
    { request: { method: 'GET', url: 'Patient/none' } },
  ],
});
assert.deepEqual(answer.entry.map((entry) => entry.response.status), ['200', '404']);
await client.deleteResource('Patient', made[0].id);
await assert.rejects(client.readResource('Patient', made[0].id));
console.log('done');
