//! Segments out.

use super::{Service, released};

/// Writes a segment: its tag, then its elements, each a list of components. Components and elements at an end that say
/// nothing are left out (ISO 9735, 9), and so is their separator.
pub fn write_segment(out: &mut String, service: &Service, tag: &str, elements: &[Vec<String>]) {
    out.push_str(tag);
    let last = elements
        .iter()
        .rposition(|element| !trimmed(element).is_empty());
    for element in elements.iter().take(last.map_or(0, |last| last + 1)) {
        out.push(char::from(service.element));
        for (number, component) in trimmed(element).iter().enumerate() {
            if number > 0 {
                out.push(char::from(service.component));
            }
            out.push_str(&released(component, service));
        }
    }
    out.push(char::from(service.terminator));
}

/// The components of an element up to the last one that says something.
pub fn trimmed(element: &[String]) -> &[String] {
    let last = element.iter().rposition(|component| !component.is_empty());
    &element[..last.map_or(0, |last| last + 1)]
}

#[cfg(test)]
mod tests {
    use super::super::{Interchange, Segments};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_says_nothing_is_left_out_at_an_end() {
        let mut out = String::new();
        let elements = [
            vec!["PAT".to_owned()],
            vec![],
            vec!["A'B".to_owned(), String::new()],
            vec![],
        ];
        write_segment(&mut out, &Service::default(), "NAD", &elements);
        assert_eq!(out, "NAD+PAT++A?'B'");
        out.clear();
        write_segment(
            &mut out,
            &Service::default(),
            "UNS",
            &[vec![], vec![String::new()]],
        );
        assert_eq!(out, "UNS'");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_written_again(
            segments in proptest::collection::vec(
                ("[A-Z]{3}", proptest::collection::vec(proptest::collection::vec("[ -~é]{0,6}", 0..4), 0..5)),
                1..8,
            )
        ) {
            let service = Service::default();
            let mut first = String::new();
            for (tag, elements) in &segments {
                if tag != "UNA" {
                    write_segment(&mut first, &service, tag, elements);
                }
            }
            let mut second = String::new();
            for segment in Segments::new(first.as_bytes(), 0, service) {
                let text = super::super::SegmentText::of(first.as_bytes(), segment.span, service);
                write_segment(&mut second, &service, text.tag(), &text.elements());
            }
            prop_assert_eq!(&first, &second);
            let _ = Interchange::read_all(first.as_bytes());
        }

        #[test]
        fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..300), advised in any::<bool>()) {
            let mut whole = if advised { b"UNA:+.? 'UNB+A'UNH+1+X:1'".to_vec() } else { b"UNH+1'".to_vec() };
            whole.extend(bytes);
            for interchange in Interchange::read_all(&whole) {
                for message in &interchange.messages {
                    for segment in &message.segments {
                        let _ = segment.elements();
                    }
                }
            }
        }
    }
}
