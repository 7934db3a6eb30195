// fhir-kit-client: create, search, page, history, update, patch, transaction, delete. The base address is the argument.
import { Client } from 'fhir-kit-client';
import assert from 'node:assert/strict';

const client = new Client({ baseUrl: process.argv[2] });
const statement = await client.capabilityStatement();
assert.equal(statement.fhirVersion, '4.0.1');
const family = `Kit${Date.now()}`;
const made = [];
for (let n = 0; n < 5; n++) {
  made.push(await client.create({ resourceType: 'Patient', body: { resourceType: 'Patient', name: [{ family }] } }));
}
const read = await client.read({ resourceType: 'Patient', id: made[0].id });
assert.equal(read.name[0].family, family);
const seen = [];
let page = await client.search({ resourceType: 'Patient', searchParams: { family, _count: 2 } });
while (page) {
  seen.push(...page.entry.map((entry) => entry.resource.id));
  page = page.link.some((link) => link.relation === 'next') ? await client.nextPage({ bundle: page }) : null;
}
assert.deepEqual(seen, made.map((one) => one.id));
await client.update({ resourceType: 'Patient', id: read.id, body: { ...read, gender: 'female' } });
const patched = await client.patch({
  resourceType: 'Patient', id: read.id, jsonPatch: [{ op: 'replace', path: '/gender', value: 'other' }],
});
assert.equal(patched.gender, 'other');
const history = await client.history({ resourceType: 'Patient', id: read.id });
assert.equal(history.total, 3);
const old = await client.vread({ resourceType: 'Patient', id: read.id, version: '1' });
assert.equal(old.gender, undefined);
const urn = 'urn:uuid:0b5f8f0e-5c5c-4f6e-9a39-3f1f3d6a5b11';
const answer = await client.transaction({
  body: {
    resourceType: 'Bundle', type: 'transaction',
    entry: [
      { fullUrl: urn, resource: { resourceType: 'Patient', name: [{ family }] }, request: { method: 'POST', url: 'Patient' } },
      {
        resource: { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: urn } },
        request: { method: 'POST', url: 'Observation' },
      },
    ],
  },
});
assert.deepEqual(answer.entry.map((entry) => entry.response.status), ['201', '201']);
await client.delete({ resourceType: 'Patient', id: read.id });
await assert.rejects(client.read({ resourceType: 'Patient', id: read.id }), (error) => error.response.status === 410);
console.log('done');
