//! Operations of a patch (RFC 6902) written from holes, and read back into them.
//!
//! An item of `$patches` says what one hole is in a patch:
//!
//! | member | says |
//! |---|---|
//! | `hole`, `path`, `value` | the hole, what is replaced, and by what |
//! | `erased` | what replaces it where the hole is erased; else its path is removed |
//! | `remove`, `remove-with` | what is removed instead, and the hole that must be erased too for it to be removed as a whole |
//! | `blank-with` | holes beside which it is null where it is empty itself |

use crate::groups::Scope;
use crate::json::Json;
use crate::template::{Context, names};
use crate::unify::Reading;

/// What erases a value in an amendment.
const ERASED: &str = "%";

fn text<'j>(json: &'j Json, name: &str) -> Option<&'j str> {
    json.get(name).and_then(Json::text)
}

/// What is removed when a hole is erased, with what else is.
fn removed(patch: &Json, is_erased: impl Fn(&str) -> bool) -> Option<&str> {
    let whole = text(patch, "remove");
    let with = text(patch, "remove-with");
    whole
        .filter(|_| with.is_none_or(is_erased))
        .or_else(|| text(patch, "path"))
}

impl Context<'_> {
    /// The operations of a patch, in the order of the template.
    pub(crate) fn patches(&self, items: &[Json]) -> Vec<Json> {
        let operation = |op: &str, path: &str, value: Option<Json>| {
            let mut members = vec![
                ("op".to_owned(), Json::Text(op.to_owned())),
                ("path".to_owned(), Json::Text(path.to_owned())),
            ];
            members.extend(value.map(|value| ("value".to_owned(), value)));
            Json::Object(members)
        };
        let is_erased = |hole: &str| self.text(hole).as_deref() == Some(ERASED);
        let mut out: Vec<Json> = Vec::new();
        for item in items {
            let (Some(path), Some(hole), Some(value)) =
                (text(item, "path"), text(item, "hole"), item.get("value"))
            else {
                continue;
            };
            let beside = names(item, "blank-with");
            let made = match self.text(hole).as_deref() {
                Some(ERASED) => match item.get("erased") {
                    Some(value) => Some(operation("replace", path, Some(value.clone()))),
                    None => removed(item, is_erased).map(|path| operation("remove", path, None)),
                },
                Some(_) => {
                    let value = self.fill(value).into_value();
                    let value = value.or((!beside.is_empty()).then_some(Json::Null));
                    value.map(|value| operation("replace", path, Some(value)))
                }
                None => {
                    let blank = beside.iter().any(|hole| self.text(hole).is_some());
                    blank.then(|| operation("replace", path, Some(Json::Null)))
                }
            };
            out.extend(made.filter(|made| !out.contains(made)));
        }
        out
    }
}

impl Reading<'_> {
    /// Fills holes from the operations of a patch.
    pub(crate) fn take_patches(&mut self, patches: &[Json], items: &[Json], path: &str) {
        let mut blank = Vec::new();
        for (number, item) in items.iter().enumerate() {
            let path = format!("{path}[{number}]");
            let (op, at) = (text(item, "op"), text(item, "path"));
            // An empty text is written for nothing.
            let value = item.get("value").filter(|value| value.text() != Some(""));
            let value = value.unwrap_or(&Json::Null);
            let taken = match (op, at) {
                (Some("remove"), Some(at)) => self.erase(patches, at),
                (Some("replace" | "add"), Some(at)) => {
                    self.replace(patches, at, value, &path, &mut blank)
                }
                _ => false,
            };
            if !taken {
                self.lose(item, &path);
            }
        }
        // What is null beside others that say something is blank; alone, it is erased.
        let alone = |patch: &&Json| {
            let beside = names(patch, "blank-with");
            let said = |scope: &Scope| beside.iter().any(|hole| scope.has(hole));
            !self.scopes.last().is_some_and(said)
        };
        blank.retain(alone);
        for patch in blank {
            self.erase_one(patch);
        }
    }

    fn erase_one(&mut self, patch: &Json) {
        if let (Some(hole), Some(scope)) = (text(patch, "hole"), self.scopes.last_mut()) {
            scope.set_text(hole, ERASED);
        }
    }

    /// Erases what stands at a path: one hole, or all of which the paths begin with it.
    fn erase(&mut self, patches: &[Json], at: &str) -> bool {
        let one = patches.iter().find(|patch| {
            let whole = text(patch, "remove-with").map_or(text(patch, "remove"), |_| None);
            whole == Some(at) || text(patch, "path") == Some(at) && patch.get("erased").is_none()
        });
        if let Some(patch) = one {
            self.erase_one(patch);
            return true;
        }
        let inside = patches
            .iter()
            .filter(|patch| patch.get("erased").is_none() && below(patch, at).is_some());
        let all: Vec<&Json> = inside.collect();
        for patch in &all {
            self.erase_one(patch);
        }
        !all.is_empty()
    }

    /// Puts what stands at a path into its hole, or the parts of it into those of which the paths begin with it.
    fn replace<'p>(
        &mut self,
        patches: &'p [Json],
        at: &str,
        value: &Json,
        path: &str,
        blank: &mut Vec<&'p Json>,
    ) -> bool {
        for patch in patches {
            if !text(patch, "path").is_some_and(|own| same(own, at)) {
                continue;
            }
            if patch.get("erased") == Some(value) {
                self.erase_one(patch);
                return true;
            }
            if *value == Json::Null && patch.get("erased").is_none() {
                if names(patch, "blank-with").is_empty() {
                    self.erase_one(patch);
                } else {
                    blank.push(patch);
                }
                return true;
            }
            if let Some(template) = patch.get("value")
                && *value != Json::Null
                && self.fits(template, value)
            {
                self.take(template, value, path);
                return true;
            }
        }
        let mut any = false;
        for patch in patches {
            let inner = below(patch, at).and_then(|rest| part(value, rest));
            if let (Some(inner), Some(own)) = (inner, text(patch, "path")) {
                any |= self.replace(
                    std::slice::from_ref(patch),
                    own,
                    inner,
                    &format!("{path}.value"),
                    blank,
                );
            }
        }
        any
    }
}

/// Whether two paths are about the same: which of several extensions is meant, their values say.
fn same(own: &str, at: &str) -> bool {
    let list = |path: &str| {
        let number = path.strip_prefix("/extension/")?;
        let plain = number == "-" || number.bytes().all(|byte| byte.is_ascii_digit());
        plain.then_some(())
    };
    own == at || list(own).is_some() && list(at).is_some()
}

/// The rest of a patch's path behind another one.
fn below<'p>(patch: &'p Json, at: &str) -> Option<&'p str> {
    let rest = text(patch, "path")?.strip_prefix(at)?;
    (!at.is_empty() && rest.starts_with('/')).then_some(rest)
}

/// What stands at a path in a value.
fn part<'j>(value: &'j Json, path: &str) -> Option<&'j Json> {
    let mut keys = path.split('/').skip(1);
    keys.try_fold(value, |value, key| match value {
        Json::List(items) => items.get(key.parse::<usize>().ok()?),
        other => other.get(key),
    })
}
