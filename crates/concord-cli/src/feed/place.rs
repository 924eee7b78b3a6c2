//! Places as findings name them, `PID-3[2].1`, as the numbers that acknowledgements have.

use concord_feed::Place;

/// The place that a text names; `None` when it names none within a segment.
pub(super) fn place(text: &str) -> Option<Place> {
    let (segment, inside) = match text.split_once('-') {
        Some((segment, inside)) => (segment, Some(inside)),
        None => (text, None),
    };
    let (name, sequence) = numbered(segment)?;
    let is_name = name.len() == 3
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !is_name {
        return None;
    }
    let mut place = Place {
        segment: name.to_owned(),
        sequence: sequence.unwrap_or(1),
        ..Place::default()
    };
    let Some(inside) = inside else {
        return Some(place);
    };
    let mut parts = inside.split('.');
    let (field, repetition) = numbered(parts.next()?)?;
    place.field = Some(field.parse().ok()?);
    place.repetition = repetition;
    place.component = parts.next().map(str::parse).transpose().ok()?;
    place.subcomponent = parts.next().map(str::parse).transpose().ok()?;
    if place.component.is_some() {
        place.repetition.get_or_insert(1);
    }
    parts.next().is_none().then_some(place)
}

/// A name and the number in brackets behind it.
fn numbered(text: &str) -> Option<(&str, Option<u32>)> {
    match text.split_once('[') {
        None => Some((text, None)),
        Some((name, number)) => {
            let number = number.strip_suffix(']')?.parse().ok()?;
            Some((name, Some(number)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_findings_write_them() {
        let numbers = |text: &str| {
            let place = place(text)?;
            let Place {
                segment,
                sequence,
                field,
                repetition,
                component,
                subcomponent,
            } = place;
            Some((
                segment,
                sequence,
                [field, repetition, component, subcomponent],
            ))
        };
        let is = |text: &str, segment: &str, sequence: u32, rest: [Option<u32>; 4]| {
            assert_eq!(
                numbers(text),
                Some((segment.to_owned(), sequence, rest)),
                "{text}"
            );
        };
        is("PID", "PID", 1, [None; 4]);
        is("NK1[2]", "NK1", 2, [None; 4]);
        is("PID-3[2].1", "PID", 1, [Some(3), Some(2), Some(1), None]);
        is(
            "NK1[2]-2.1.3",
            "NK1",
            2,
            [Some(2), Some(1), Some(1), Some(3)],
        );
        is("MSH-12", "MSH", 1, [Some(12), None, None, None]);
        for none in [
            "",
            "ADT_A01",
            "PID-",
            "PID-x",
            "PID-3[",
            "PID-3.1.2.3",
            "pid-3",
            "PID[x]",
            "é-3",
            "PID-99999999999",
        ] {
            assert_eq!(place(none), None, "{none}");
        }
    }
}
