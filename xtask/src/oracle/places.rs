//! Lines of the elements around a place, as libxml2 counts them.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Lines of the start tags of the elements that are open at a place, the innermost last.
///
/// libxml2 gives an element the line on which its start tag ends. Where a start tag begins at the place, its element
/// counts as open.
pub(super) fn lines_around(text: &str, offset: u64) -> Vec<u64> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open = Vec::new();
    let mut line = 1;
    let mut counted = 0;
    loop {
        let start = reader.buffer_position();
        let Ok(event) = reader.read_event() else {
            return open;
        };
        let end = reader.buffer_position();
        if start > offset || matches!(event, Event::Eof) {
            return open;
        }
        line += memchr::memchr_iter(
            b'\n',
            text.as_bytes()
                .get(counted..end as usize)
                .unwrap_or_default(),
        )
        .count() as u64;
        counted = end as usize;
        match event {
            Event::Start(_) => open.push(line),
            // The place may be the end tag, or the point behind it.
            Event::End(_) if end <= offset => {
                open.pop();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::lines_around;

    #[test]
    fn elements_around_a_place() {
        let text = "<a>\n <b\n  c='1'>x</b>\n <d/>\n</a>";
        let at = |what: &str| lines_around(text, text.find(what).unwrap_or(0) as u64);
        assert_eq!(at("<a>"), [1]);
        assert_eq!(at("<b"), [1, 3]);
        assert_eq!(at("x<"), [1, 3]);
        assert_eq!(at("</b>"), [1, 3]);
        assert_eq!(at("<d/>"), [1, 4]);
        assert_eq!(at("</a>"), [1]);
    }
}
