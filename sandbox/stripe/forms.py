"""Form-encoded requests: to a tree, then typed and checked by the parameter schemas."""

import re
from typing import Any, NoReturn

from .errors import StripeError

Schema = dict[str, Any]
_PART = re.compile(r"\[([^\]]*)\]")


def _refuse(message: str, code: str | None = None, param: str | None = None) -> NoReturn:
    raise StripeError(message, code=code, param=param, replay=False)


def parse(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`a[b][0]=x` pairs as nested dicts; list positions stay keys until typed."""
    tree: dict[str, Any] = {}
    for key, value in pairs:
        head = key.split("[", 1)[0]
        path = [head, *_PART.findall(key)]
        node = tree
        for part in path[:-1]:
            node = node.setdefault(_place(node, part), {})
            if not isinstance(node, dict):
                _refuse(f"Invalid parameter nesting: {key}", param=key)
        node[_place(node, path[-1])] = value
    return tree


def _place(node: dict[str, Any], part: str) -> str:
    """`a[]=x&a[]=y` appends."""
    return part if part else str(len(node))


class Checker:
    """Types and checks one operation's parameters, or raises what Stripe would answer."""

    def __init__(self, schemas: dict[str, Schema]) -> None:
        self.schemas = schemas

    def check(self, tree: dict[str, Any], schema: Schema | None) -> dict[str, Any]:
        return self._object(tree, self._resolve(schema or {"properties": {}}), "")

    def _resolve(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def _value(self, value: Any, schema: Schema, name: str) -> Any:
        schema = self._resolve(schema)
        if "anyOf" in schema:
            return self._any(value, schema["anyOf"], name)
        kind = schema.get("type")
        if kind == "object":
            if not isinstance(value, dict):
                _refuse("Invalid object", param=name)
            return self._object(value, schema, name)
        if kind == "array":
            return self._array(value, schema, name)
        if isinstance(value, dict):
            _refuse(f"Invalid {kind or 'value'}: an object was given", param=name)
        return self._scalar(value, schema, name)

    def _any(self, value: Any, branches: list[Schema], name: str) -> Any:
        branches = [self._resolve(branch) for branch in branches]
        if value == "" and any("" in branch.get("enum", ()) for branch in branches):
            return ""
        branches = [b for b in branches if b.get("enum") != [""]]
        deep = [b for b in branches if b.get("type") in ("object", "array")]
        fitting = deep if isinstance(value, dict) else [b for b in branches if b not in deep]
        error: StripeError | None = None
        for branch in fitting or branches:
            try:
                return self._value(value, branch, name)
            except StripeError as refused:
                error = error or refused
        raise error or StripeError("Invalid value", param=name, replay=False)

    def _object(self, value: dict[str, Any], schema: Schema, name: str) -> dict[str, Any]:
        properties = schema.get("properties", {})
        extra = schema.get("additionalProperties", "properties" not in schema)
        inner = f"{name}[{{}}]" if name else "{}"
        unknown = [inner.format(key) for key in value if key not in properties]
        if unknown and extra is False:
            word = "parameter" if len(unknown) == 1 else "parameters"
            _refuse(
                f"Received unknown {word}: {', '.join(unknown)}",
                code="parameter_unknown",
                param=unknown[0],
            )
        for key in schema.get("required", ()):
            if key not in value:
                full = inner.format(key)
                _refuse(f"Missing required param: {full}.", "parameter_missing", full)
        out = {}
        for key, item in value.items():
            if key in properties:
                out[key] = self._value(item, properties[key], inner.format(key))
            elif isinstance(extra, dict) and extra:
                out[key] = self._value(item, extra, inner.format(key))
            else:
                out[key] = item
        if name == "metadata" or name.endswith("[metadata]"):
            _check_metadata(out, name)
        return out

    def _array(self, value: Any, schema: Schema, name: str) -> list[Any]:
        if not isinstance(value, dict) or not all(key.isdigit() for key in value):
            _refuse("Invalid array", param=name)
        items = schema.get("items", {})
        ordered = sorted(value, key=int)
        return [self._value(value[key], items, f"{name}[{key}]") for key in ordered]

    def _scalar(self, value: str, schema: Schema, name: str) -> Any:
        kind = schema.get("type", "string")
        if "enum" in schema and value not in schema["enum"]:
            options = ", ".join(str(option) for option in schema["enum"] if option)
            _refuse(f"Invalid {name}: must be one of {options}", param=name)
        if value == "" and "enum" not in schema:
            _refuse(
                f"You passed an empty string for '{name}'. We assume empty values are an "
                f"attempt to unset a parameter; however '{name}' cannot be unset. You should "
                f"remove '{name}' from your request or supply a non-empty value.",
                "parameter_invalid_empty",
                name,
            )
        if kind == "integer":
            if not re.fullmatch(r"-?[0-9]{1,15}", value):
                _refuse(f"Invalid integer: {value}", "parameter_invalid_integer", name)
            return int(value)
        if kind == "boolean":
            if value not in ("true", "false"):
                _refuse(f"Invalid boolean: {value}", param=name)
            return value == "true"
        if kind == "number":
            if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
                _refuse(f"Invalid decimal: {value}", param=name)
            return float(value)
        if len(value) > schema.get("maxLength", 5000):
            _refuse(f"Invalid string: {name} is too long", "parameter_invalid_string", name)
        return value


def _check_metadata(values: dict[str, str], name: str) -> None:
    if len(values) > 50:
        _refuse("Metadata can have at most 50 keys", param=name)
    for key, value in values.items():
        if len(key) > 40:
            _refuse("Metadata keys can be at most 40 characters long", param=f"{name}[{key}]")
        if len(str(value)) > 500:
            _refuse("Metadata values can be at most 500 characters", param=f"{name}[{key}]")
