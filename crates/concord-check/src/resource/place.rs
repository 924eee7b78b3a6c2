//! Where in a resource something stands: `Bundle.entry[3].resource.name[0].family`.

use std::fmt::Write as _;
use std::sync::Arc;

use concord_read::json::{Fault, Kind, Reader};

use super::tell;
use concord_finding::Fact;

/// Objects and arrays inside each other that are followed.
const DEEPEST: usize = 512;

/// The paths of offsets in the resource that begins at `start`, the offsets in ascending order: one for each.
///
/// The path of a name is that of its value. What stands behind a fault has the path of what is around it.
pub(super) fn paths(bytes: &[u8], start: usize, root: &str, offsets: &[usize]) -> Vec<Arc<str>> {
    let mut places = Places {
        offsets,
        found: Vec::with_capacity(offsets.len()),
        open: Vec::new(),
        root,
    };
    // Offsets that no value reaches stand where reading ended.
    let _ = places.read(&mut Reader::new(bytes, start), bytes);
    let last = places.path();
    places.found.resize(offsets.len(), last);
    places.found
}

/// An object or array that is open.
#[derive(Debug)]
struct Frame {
    object: bool,
    /// Members or items so far.
    count: u32,
    /// The name of the member that is looked at.
    name: Option<Arc<str>>,
}

struct Places<'p> {
    offsets: &'p [usize],
    found: Vec<Arc<str>>,
    open: Vec<Frame>,
    root: &'p str,
}

impl Places<'_> {
    /// Goes through a value, whatever it is, without recursion.
    fn read(&mut self, reader: &mut Reader<'_>, bytes: &[u8]) -> Result<(), Fault> {
        while self.found.len() < self.offsets.len() {
            let kind = reader.kind()?;
            self.reach(reader.at());
            if matches!(kind, Kind::Object | Kind::Array) && self.open.len() < DEEPEST {
                if kind == Kind::Object {
                    reader.open_object()?;
                } else {
                    reader.open_array()?;
                }
                self.reach(reader.at());
                self.open.push(Frame {
                    object: kind == Kind::Object,
                    count: 0,
                    name: None,
                });
            } else {
                reader.skip(DEEPEST * 2)?;
                self.reach(reader.at());
            }
            while !self.next(reader, bytes)? {
                self.open.pop();
                self.reach(reader.at());
                if self.open.is_empty() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Goes to the next value of what is open; whether there is one.
    fn next(&mut self, reader: &mut Reader<'_>, bytes: &[u8]) -> Result<bool, Fault> {
        let Some(top) = self.open.last_mut() else {
            return Ok(false);
        };
        let first = top.count == 0;
        if !top.object {
            let more = reader.item(first)?;
            top.count += u32::from(more);
            return Ok(more);
        }
        top.name = None;
        let Some(name) = reader.member(first)? else {
            return Ok(false);
        };
        self.reach(name.span.start);
        if let Some(top) = self.open.last_mut() {
            top.count += 1;
            top.name = Some(shown(&name.says(bytes)));
        }
        Ok(true)
    }

    /// Everything before `at` has the path that is open.
    fn reach(&mut self, at: usize) {
        while let Some(offset) = self.offsets.get(self.found.len())
            && *offset < at
        {
            let path = self.path();
            self.found.push(path);
        }
    }

    fn path(&self) -> Arc<str> {
        let mut path = self.root.to_owned();
        for Frame {
            object,
            count,
            name,
        } in &self.open
        {
            // Writing to a `String` does not fail.
            let _ = match name {
                Some(name) => write!(path, ".{name}"),
                None if !object && *count > 0 => write!(path, "[{}]", count - 1),
                None => Ok(()),
            };
        }
        path.into()
    }
}

/// A name that may be shown, or dots.
fn shown(name: &str) -> Arc<str> {
    match tell::name(name) {
        Fact::Plain(name) => name.into(),
        _ => "…".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_its_place() {
        let bytes = br#" {"resourceType": "A", "name": [{"given": ["x", 1]}, {"Ann Smith": null}], "b": {}} "#;
        let place = |what: &str| {
            let at = memchr::memmem::find(bytes, what.as_bytes()).expect("it is there");
            paths(bytes, 0, "A", &[at])[0].to_string()
        };
        assert_eq!(place("{\"resourceType"), "A");
        assert_eq!(place("resourceType"), "A.resourceType");
        assert_eq!(place("[{"), "A.name");
        assert_eq!(place("given"), "A.name[0].given");
        assert_eq!(place("x\""), "A.name[0].given[0]");
        assert_eq!(place("1]"), "A.name[0].given[1]");
        assert_eq!(place("null"), "A.name[1].…");
        assert_eq!(place("{}"), "A.b");
        let all: Vec<usize> = (0..bytes.len()).collect();
        assert_eq!(paths(bytes, 0, "A", &all).len(), bytes.len());
        for end in 0..bytes.len() {
            assert_eq!(paths(&bytes[..end], 0, "A", &all).len(), all.len());
        }
        let deep = vec![b'['; 100_000];
        assert_eq!(paths(&deep, 0, "A", &[99_999]).len(), 1);
    }
}
