// Checks CloudNativePG's resources against the schemas of its release, strictly: standard input has
// a JSON list of them, standard output gets a JSON list of sentences, empty where all is well.
//
// The schemas are those of the npm package, compiled into functions that pass over fields they do
// not know. A field that they never looked at is therefore one that there is not.
import { readFileSync } from "node:fs";

const schemas = new URL("../../node_modules/@kubernetes-models/cloudnative-pg/_schemas/", import.meta.url);

// A copy of `value` that notes in `seen`, by path, which of its fields were read.
function watched(value, path, seen) {
  if (value === null || typeof value !== "object") return value;
  const copy = Array.isArray(value) ? [] : {};
  for (const [key, inner] of Object.entries(value)) {
    seen.set(`${path}/${key}`, false);
    copy[key] = watched(inner, `${path}/${key}`, seen);
  }
  return new Proxy(copy, {
    get(target, key) {
      if (typeof key === "string" && seen.has(`${path}/${key}`)) seen.set(`${path}/${key}`, true);
      return target[key];
    },
  });
}

const sentences = [];
for (const resource of JSON.parse(readFileSync(0))) {
  const { validate } = await import(new URL(`PostgresqlCnpgIoV1${resource.kind}.js`, schemas));
  const name = `${resource.kind} ${resource.metadata.name}`;
  const seen = new Map();
  validate(watched(resource, "", seen));
  for (const { instancePath, keyword, params } of validate.errors ?? [])
    sentences.push(`${name}${instancePath}: ${keyword} ${Object.values(params).flat().join(", ")}`);
  for (const [path, known] of seen) if (!known) sentences.push(`${name}${path}: unknown`);
}
console.log(JSON.stringify(sentences));
