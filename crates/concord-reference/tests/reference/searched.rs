//! Look-ups against a naive search of made-up directories, and readers against any bytes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use concord_reference::{ReferenceData, Succession};
use jiff::civil::Date;
use proptest::prelude::*;

use crate::{fixtures, folder, import};

/// Organisations of a made-up directory: days of opening and closing (from 0), successors with their day.
#[derive(Debug, Clone)]
struct Made {
    open: i32,
    close: Option<i32>,
    successors: Vec<(usize, i32)>,
}

fn made() -> impl Strategy<Value = Vec<Made>> {
    (1_usize..8).prop_flat_map(|count| {
        let one = (
            0_i32..20,
            prop::option::of(0_i32..20),
            prop::collection::vec((0..count, 0_i32..20), 0..3),
        );
        let one = one.prop_map(|(open, close, successors)| Made {
            open,
            close,
            successors,
        });
        prop::collection::vec(one, count)
    })
}

fn date_of(day: i32) -> Date {
    Date::constant(2020, 1, 1)
        .checked_add(jiff::Span::new().days(day))
        .unwrap()
}

fn code_of(index: usize) -> String {
    format!("X{index:02}")
}

fn directory_of(made: &[Made]) -> String {
    let mut xml = "<OrgRefData><Organisations>".to_owned();
    for (index, one) in made.iter().enumerate() {
        let end = one
            .close
            .map(|day| format!("<End value='{}'/>", date_of(day)))
            .unwrap_or_default();
        write!(
            xml,
            "<Organisation orgRecordClass='RC1'><Name>n</Name><Date><Type value='Operational'/><Start value='{}'/>{end}</Date><OrgId extension='{}'/><Succs>",
            date_of(one.open),
            code_of(index)
        )
        .unwrap();
        for (other, day) in &one.successors {
            write!(
                xml,
                "<Succ><Date><Type value='Legal'/><Start value='{}'/></Date><Type>Successor</Type><Target><OrgId extension='{}'/></Target></Succ>",
                date_of(*day),
                code_of(*other)
            )
            .unwrap();
        }
        xml.push_str("</Succs></Organisation>");
    }
    xml + "</Organisations></OrgRefData>"
}

/// Every organisation that stands for one on a day, by going every way again and again.
fn oracle(made: &[Made], start: usize, day: i32) -> BTreeSet<usize> {
    let open = |one: &Made| one.open <= day && one.close.is_none_or(|close| day <= close);
    let mut reached = BTreeSet::from([start]);
    for _ in 0..made.len() {
        for index in reached.clone() {
            if !open(&made[index]) && made[index].close.is_some_and(|close| close < day) {
                let taken = made[index]
                    .successors
                    .iter()
                    .filter(|(_, from)| *from <= day);
                reached.extend(taken.map(|(other, _)| *other));
            }
        }
    }
    reached
        .into_iter()
        .filter(|index| open(&made[*index]))
        .collect()
}

/// The organisation that stands for one on a day, where nowhere on the way two had taken the place of one.
fn only(made: &[Made], at: usize, day: i32, steps: usize) -> Option<usize> {
    let one = &made[at];
    let closed = one.close.is_some_and(|close| close < day);
    if one.open <= day && !closed {
        return Some(at);
    }
    let taken = one.successors.iter().filter(|(_, from)| *from <= day);
    let taken: BTreeSet<usize> = taken.map(|(other, _)| *other).collect();
    match (closed && steps > 0 && taken.len() == 1, taken.first()) {
        (true, Some(next)) => only(made, *next, day, steps - 1),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Look-ups at every day of a made-up directory agree with a naive search of it.
    #[test]
    fn look_ups_agree_with_a_naive_search(made in made()) {
        let folder = folder("oracle");
        let xml = directory_of(&made);
        import(&[("x.xml", xml.as_bytes())]).unwrap().write(&folder, "").unwrap();
        let data = ReferenceData::open(&folder).unwrap();
        for (index, one) in made.iter().enumerate() {
            let code = code_of(index);
            for day in -1..21 {
                let date = date_of(day);
                let open = one.open <= day && one.close.is_none_or(|close| day <= close);
                prop_assert_eq!(data.is_live(&code, date, Succession::Ignore).unwrap(), open);
                let may = oracle(&made, index, day);
                let only = only(&made, index, day, made.len());
                prop_assert_eq!(data.is_live(&code, date, Succession::Follow).unwrap(), only.is_some());
                let found = data.only_successor_at(&code, date).unwrap().map(|known| known.code().to_owned());
                prop_assert_eq!(found, only.map(code_of));
                let successor = data.successor_at(&code, date).unwrap().map(|known| known.code().to_owned());
                match successor {
                    Some(successor) => prop_assert!(may.iter().any(|index| code_of(*index) == successor)),
                    None => prop_assert!(may.is_empty()),
                }
                if open {
                    let own = data.successor_at(&code, date).unwrap().map(|known| known.code().to_owned());
                    prop_assert_eq!(own, Some(code.clone()));
                }
            }
        }
    }

    /// Postcodes are found, whatever the order and number of rows, and nothing else is.
    #[test]
    fn postcodes_agree_with_a_naive_search(
        rows in prop::collection::vec(("[A-C]{1,2}[1-3]{1,2} [1-3][A-C]{2}", 1_i16..=12, prop::option::of(1_i16..=12)), 1..40),
        asked in prop::collection::vec("[A-C]{1,2}[1-3]{1,2} ?[1-3][A-C]{2}", 20),
    ) {
        let mut csv = "pcds,dointr,doterm,ctry\n".to_owned();
        for (postcode, from, to) in &rows {
            let to = to.map(|to| format!("2020{to:02}")).unwrap_or_default();
            writeln!(csv, "{postcode},2019{from:02},{to},E").unwrap();
        }
        let folder = folder("postcode-oracle");
        import(&[("p.csv", csv.as_bytes())]).unwrap().write(&folder, "").unwrap();
        let data = ReferenceData::open(&folder).unwrap();
        let plain = |text: &str| text.replace(' ', "");
        for text in asked.iter().chain(rows.iter().map(|(postcode, ..)| postcode)) {
            let known: Vec<_> = rows.iter().filter(|(postcode, ..)| plain(postcode) == plain(text)).collect();
            let entry = data.postcode(text).unwrap();
            prop_assert_eq!(entry.is_some(), !known.is_empty());
            if let Some(entry) = entry {
                // Of several rows one that is in use counts, else the one that was in use for longest.
                let ends: Vec<_> = known.iter().map(|(.., to)| *to).collect();
                let last = if ends.contains(&None) { None } else { ends.into_iter().max().flatten() };
                let last = last.map(|month| Date::constant(2020, 1, 1).with().month(i8::try_from(month).unwrap()).build().unwrap().last_of_month());
                prop_assert_eq!(entry.terminated, last);
            }
        }
    }

    /// Nothing that stands at the beginning of a file, or follows a good beginning, makes anything panic.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), at in 0_usize..2_000) {
        let _ = import(&[("x", &bytes)]);
        for file in ["epraccur.csv", "epcmem.csv", "hscorgrefdata.xml", "onspd.csv"] {
            let mut whole = fs::read(fixtures().join(file)).unwrap();
            let at = at.min(whole.len());
            whole.splice(at..(at + 3).min(whole.len()), bytes.iter().copied().take(8));
            let _ = import(&[(file, &whole)]);
        }
    }
}
