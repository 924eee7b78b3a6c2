//! The paths of what rules find.
//!
//! Rules know values and where they stand; the names around them are only looked up for findings.

use memchr::memmem::find;
use memchr::{memchr, memchr2, memchr3};

/// Follows a chunk's markup to where findings stand; most quickly in the order of their places.
pub(crate) struct Paths<'b> {
    bytes: &'b [u8],
    /// Where the child of the root begins that is being followed.
    start: usize,
    /// How far it has been followed.
    at: usize,
    /// The elements that are open there.
    open: Vec<&'b [u8]>,
}

impl<'b> Paths<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes,
            start: 0,
            at: 0,
            open: Vec::new(),
        }
    }

    /// The path of what stands at `offset`, in or behind the root's child that begins at `start`. Inside a start tag it is
    /// that of the tag's element.
    pub(crate) fn path(&mut self, root: &str, start: usize, offset: usize) -> String {
        if start != self.start || offset < self.at {
            self.start = start;
            self.at = start;
            self.open.clear();
        }
        let inside = self.follow(offset);
        let mut path = format!("/{root}");
        for (depth, name) in self.open.iter().copied().chain(inside).enumerate() {
            let local = name.rsplit(|byte| *byte == b':').next().unwrap_or(name);
            if depth == 0 && *local == *root.as_bytes() {
                // Before the first record the root's own start tag is met.
                continue;
            }
            path.push('/');
            path.push_str(&String::from_utf8_lossy(local));
        }
        path
    }

    /// Goes on behind all markup that ends at `offset` or before it, and gives the element in whose start tag it lies.
    fn follow(&mut self, offset: usize) -> Option<&'b [u8]> {
        loop {
            let (_, markup, end) = next(self.bytes, self.at).filter(|(at, ..)| *at <= offset)?;
            if offset < end {
                return match markup {
                    Markup::Start(name) | Markup::Empty(name) => Some(name),
                    Markup::End | Markup::Other => None,
                };
            }
            self.at = end;
            match markup {
                Markup::Start(name) => self.open.push(name),
                Markup::End => {
                    self.open.pop();
                }
                Markup::Empty(_) | Markup::Other => {}
            }
        }
    }
}

/// Whether a child begins in some bytes of an element; so many elements in it are open where they begin.
pub(crate) fn has_child(bytes: &[u8], mut open: usize) -> bool {
    let mut at = 0;
    while let Some((_, markup, end)) = next(bytes, at) {
        at = end;
        match markup {
            Markup::Start(_) | Markup::Empty(_) if open == 0 => return true,
            Markup::Start(_) => open += 1,
            Markup::End => open = open.saturating_sub(1),
            Markup::Empty(_) | Markup::Other => {}
        }
    }
    false
}

/// What begins with `<`.
enum Markup<'b> {
    Start(&'b [u8]),
    Empty(&'b [u8]),
    End,
    /// A comment, a CDATA section, a processing instruction.
    Other,
}

/// The next markup, where it begins, and where it ends. What does not end goes to the end.
fn next(bytes: &[u8], at: usize) -> Option<(usize, Markup<'_>, usize)> {
    let begins = at + memchr(b'<', bytes.get(at..)?)?;
    let rest = &bytes[begins..];
    let behind = |end: &[u8]| find(rest, end).map_or(rest.len(), |found| found + end.len());
    let (markup, length) = if rest.starts_with(b"<!--") {
        (Markup::Other, behind(b"-->"))
    } else if rest.starts_with(b"<![CDATA[") {
        (Markup::Other, behind(b"]]>"))
    } else if rest.starts_with(b"<?") {
        (Markup::Other, behind(b"?>"))
    } else if rest.starts_with(b"</") {
        let end = memchr(b'>', rest);
        (Markup::End, end.map_or(rest.len(), |end| end + 1))
    } else {
        start_tag(rest)
    };
    Some((begins, markup, begins + length))
}

/// A start tag and its length.
fn start_tag(rest: &[u8]) -> (Markup<'_>, usize) {
    let name = &rest[1..];
    let name = &name[..memchr2(b'>', b'/', name).unwrap_or(name.len())];
    let space = [memchr2(b' ', b'\t', name), memchr2(b'\n', b'\r', name)];
    let name = &name[..space.into_iter().flatten().min().unwrap_or(name.len())];
    let close = tag_end(rest);
    let end = close.map_or(rest.len(), |close| close + 1);
    if rest[..end].ends_with(b"/>") {
        (Markup::Empty(name), end)
    } else {
        (Markup::Start(name), end)
    }
}

/// Where the `>` of a tag stands; one in quotes is none.
pub(crate) fn tag_end(tag: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr3(b'>', b'"', b'\'', &tag[at..])?;
        match tag[at] {
            b'>' => return Some(at),
            quote => at += memchr(quote, &tag[at + 1..])? + 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The path of each `|`, which is taken out of the text.
    fn paths(text: &str) -> Vec<String> {
        let mut bytes = Vec::new();
        let mut offsets = Vec::new();
        for piece in text.split('|') {
            bytes.extend_from_slice(piece.as_bytes());
            offsets.push(bytes.len());
        }
        offsets.pop();
        let mut paths = Paths::new(&bytes);
        let found = offsets.iter().map(|offset| paths.path("i", 0, *offset));
        found.collect()
    }

    #[test]
    fn values_and_elements_have_their_paths() {
        assert_eq!(
            paths("|<r>|<p:a>|1</p:a><b x='|2'/>|<c>|</c></r>|"),
            [
                "/i/r", "/i/r/a", "/i/r/a", "/i/r/b", "/i/r/c", "/i/r/c", "/i"
            ]
        );
        assert_eq!(paths("<i v='1'><h><a>|1"), ["/i/h/a"]);
    }

    #[test]
    fn an_element_that_is_empty_is_itself() {
        assert_eq!(
            paths("<r>|<a/>|<b>|</b>|</r>"),
            ["/i/r/a", "/i/r/b", "/i/r/b", "/i/r"]
        );
    }

    #[test]
    fn what_is_no_tag_opens_nothing() {
        assert_eq!(
            paths("<r><!-- <x> </r> --><?p <y>?><a b='>' c=\"'/>\">|<![CDATA[</a><z>]]>|</a>"),
            ["/i/r/a", "/i/r/a"]
        );
    }

    #[test]
    fn an_earlier_place_is_found_again() {
        let bytes = b"<r><a>1</a></r><s><b>2</b></s>";
        let mut paths = Paths::new(bytes);
        assert_eq!(paths.path("i", 15, 21), "/i/s/b");
        assert_eq!(paths.path("i", 0, 6), "/i/r/a");
        assert_eq!(paths.path("i", 0, 3), "/i/r/a");
    }
}
