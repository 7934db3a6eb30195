"""FHIRStarter over a dict in memory: create, read and search by id of the types named before the port.

No ``from __future__ import annotations`` here: the framework makes its routes of the annotations themselves.
"""

# ruff: noqa: ARG001 (what a handler takes is the framework's)
import importlib
import sys
from typing import Any
from uuid import uuid4

import uvicorn
from fhir.resources.R4B.bundle import Bundle
from fhirstarter import FHIRProvider, FHIRStarter, InteractionContext
from fhirstarter.exceptions import FHIRResourceNotFoundError


def provider(kind: str) -> FHIRProvider:
    model = getattr(importlib.import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    made, stored = FHIRProvider(), dict[str, Any]()

    async def create(context: InteractionContext, resource: model) -> str:
        resource.id = str(uuid4())
        stored[resource.id] = resource
        return resource.id

    async def read(context: InteractionContext, id_: str) -> model:
        if id_ not in stored:
            raise FHIRResourceNotFoundError
        return stored[id_]

    async def search(context: InteractionContext, _id: list[str] | None) -> Bundle:
        found = [{"resource": stored[one]} for one in _id or () if one in stored]
        return Bundle(type="searchset", total=len(found), entry=found or None)

    made.create(model)(create)
    made.read(model)(read)
    made.search_type(model)(search)
    return made


if __name__ == "__main__":
    *kinds, port = sys.argv[1:]
    app = FHIRStarter(root_path="/fhir")
    app.add_providers(*map(provider, kinds))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)
