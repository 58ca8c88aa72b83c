//! Holds JSON against the part of JSON Schema that the OpenAPI document uses.

use serde_json::Value;
use uuid::Uuid;

/// What is wrong with `value`, the first thing found.
pub(super) fn violation(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    let members = schema.as_object().expect("a schema is an object");
    members.iter().find_map(|(keyword, rule)| {
        holds(document, schema, keyword, rule, value).map(|why| format!("{why} in {value}"))
    })
}

fn holds(document: &Value, schema: &Value, keyword: &str, rule: &Value, value: &Value) -> Option<String> {
    let wrong = |broken: bool| broken.then(|| format!("{keyword}: {rule}"));
    let list = || rule.as_array().expect(keyword).iter();
    match keyword {
        "$ref" => {
            let pointer = rule.as_str().and_then(|text| text.strip_prefix('#')).expect("a local reference");
            violation(document, document.pointer(pointer).expect(pointer), value)
        }
        "allOf" => list().find_map(|each| violation(document, each, value)),
        "oneOf" => wrong(list().filter(|each| violation(document, each, value).is_none()).count() != 1),
        "type" => {
            let allowed = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
            wrong(!allowed.iter().any(|name| is_a(name.as_str().expect("a type"), value)))
        }
        "enum" => wrong(!list().any(|allowed| allowed == value)),
        "required" => wrong(!list().all(|name| value.get(name.as_str().expect("a name")).is_some())),
        "properties" => {
            rule.as_object()?.iter().find_map(|(name, schema)| violation(document, schema, value.get(name)?))
        }
        "additionalProperties" => {
            let known = |name: &String| schema["properties"].get(name).is_some();
            wrong(rule == false && !value.as_object()?.keys().all(known))
        }
        "items" => value.as_array()?.iter().find_map(|each| violation(document, rule, each)),
        "minItems" => wrong((value.as_array()?.len() as u64) < rule.as_u64()?),
        "minimum" => wrong(value.as_f64()? < rule.as_f64()?),
        "maximum" => wrong(value.as_f64()? > rule.as_f64()?),
        "minLength" => wrong((value.as_str()?.len() as u64) < rule.as_u64()?),
        "maxLength" => wrong((value.as_str()?.len() as u64) > rule.as_u64()?),
        "format" => wrong(!is_in_format(rule.as_str().expect("a format"), value.as_str()?)),
        // The only patterns are those of decimals.
        "pattern" => wrong(value.as_str()?.parse::<rust_decimal::Decimal>().is_err()),
        "description" | "examples" | "default" => None,
        other => panic!("{other} is new: say what it means"),
    }
}

fn is_a(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("no such type: {other}"),
    }
}

fn is_in_format(name: &str, text: &str) -> bool {
    match name {
        "uuid" => Uuid::parse_str(text).is_ok(),
        "date-time" => text.len() == "2026-11-22T21:18:10.000Z".len() && text.ends_with('Z'),
        "uri-reference" => text.starts_with('/'),
        other => panic!("no such format: {other}"),
    }
}
