//! JSON Merge Patch, RFC 7396.

use serde_json::{Map, Value};

/// Values that lie in one another deeper than this are replaced whole. Records are never that deep.
const DEEPEST: u32 = 64;

/// The patch that makes `new` of `old`; `None` when they are the same.
///
/// Objects are compared member by member and anything else as a whole. Exact for values that hold no null, which a
/// merge patch cannot put in.
pub fn difference(old: &Value, new: &Value) -> Option<Value> {
    difference_at(old, new, 0)
}

fn difference_at(old: &Value, new: &Value, depth: u32) -> Option<Value> {
    if old == new {
        return None;
    }
    let (Value::Object(before), Value::Object(after)) = (old, new) else {
        return Some(new.clone());
    };
    if depth == DEEPEST {
        return Some(new.clone());
    }
    let mut patch = Map::new();
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    for (name, value) in after {
        match before.get(name) {
            None => {
                patch.insert(name.clone(), value.clone());
            }
            Some(known) => {
                if let Some(changed) = difference_at(known, value, depth + 1) {
                    patch.insert(name.clone(), changed);
                }
            }
        }
    }
    Some(Value::Object(patch))
}

/// Puts a patch into a value, as the RFC's section 2 says.
pub fn apply(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else {
        return;
    };
    for (name, value) in patch {
        if value.is_null() {
            members.shift_remove(&name);
        } else {
            apply(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The RFC's own examples, appendix A: target, patch, result.
    #[test]
    fn patches_are_put_in_as_the_rfc_shows() {
        let examples = [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (
                json!({"a":"b","b":"c"}),
                json!({"a":null}),
                json!({"b":"c"}),
            ),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (
                json!({"a":{"b":"c"}}),
                json!({"a":{"b":"d","c":null}}),
                json!({"a":{"b":"d"}}),
            ),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a":"b"}), json!(["c"]), json!(["c"])),
            (json!({"a":"foo"}), json!(null), json!(null)),
            (json!({"a":"foo"}), json!("bar"), json!("bar")),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (
                json!({}),
                json!({"a":{"bb":{"ccc":null}}}),
                json!({"a":{"bb":{}}}),
            ),
        ];
        for (mut target, patch, result) in examples {
            apply(&mut target, patch);
            assert_eq!(target, result);
        }
    }

    #[test]
    fn the_difference_put_in_gives_the_new_value() {
        let values = [
            json!({}),
            json!({"a":1}),
            json!({"a":{"b":"c","d":[1,2]},"e":"f"}),
            json!({"a":{"b":"x","d":[1]}}),
            json!({"a":[{"b":"c"}],"e":{"f":{"g":1}}}),
            json!({"e":{"f":{"h":2}}}),
        ];
        for old in &values {
            for new in &values {
                let Some(patch) = difference(old, new) else {
                    assert_eq!(old, new);
                    continue;
                };
                let mut target = old.clone();
                apply(&mut target, patch);
                assert_eq!(&target, new);
            }
        }
        assert_eq!(
            difference(&json!({"a":{"b":1,"c":2}}), &json!({"a":{"b":1,"c":3}})),
            Some(json!({"a":{"c":3}})),
            "only what changed"
        );
    }
}
