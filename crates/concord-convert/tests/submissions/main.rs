//! Submissions of many tables, every shipped standard of them: what is written is what was submitted, with the verdicts of the check.

mod extracts;
#[path = "../../../concord-check/tests/shipped/mod.rs"]
mod shipped;
mod support;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use concord_check::submission::{TablesInMemory, XmlTables};
use concord_convert::OnReject;
use concord_convert::mapping::lint::{leading, lint};
use concord_convert::submission::SubmissionConversion;
use concord_read::{Input, Limits};
use concord_standards::definition::Mapping;
use concord_standards::submission::Column;
use concord_standards::submission::form::Form;

use shipped::Shipped;
use support::{convert, definitions, document, in_memory, rejects, sample, spoilt, submission};

/// A value of a row as it would be submitted.
fn shown(batch: &RecordBatch, row: usize, name: &str) -> Option<String> {
    let column = batch
        .column_by_name(name)
        .unwrap_or_else(|| panic!("{name}"));
    if column.is_null(row) {
        return None;
    }
    Some(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Date32 => {
            let days = column.as_primitive::<Date32Type>().value(row);
            let day = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(days);
            day.to_string()
        }
        DataType::Timestamp(..) => {
            let moment = column.as_primitive::<TimestampMicrosecondType>().value(row);
            let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
            let moment = epoch + jiff::Span::new().microseconds(moment);
            let zone = shown(batch, row, &format!("{name}_zone")).unwrap_or_default();
            format!("{}{zone}", moment.strftime("%Y-%m-%dT%H:%M:%S"))
        }
        DataType::Decimal128(_, scale) => {
            let number = column.as_primitive::<Decimal128Type>().value(row);
            let number = number as f64 / 10_f64.powi(i32::from(*scale));
            number.to_string()
        }
        other => panic!("{name}: {other}"),
    })
}

/// Whether two texts say the same of a column: numbers may be written with more noughts.
fn same(form: Option<&Form>, one: &str, other: &str) -> bool {
    match form {
        Some(Form::Digits(..) | Form::Decimal(..)) => {
            one.parse::<f64>().ok() == other.parse::<f64>().ok()
        }
        _ => one == other,
    }
}

#[test]
fn rows_and_types_are_those_that_were_submitted() {
    let mut typed = 0;
    for definition in definitions() {
        let name = definition.standard.name();
        let submission = submission(&definition);
        let mut files = sample(&definition, 60);
        let memory = in_memory(&mut files, submission.tables.len());
        let native = SubmissionConversion::native(&definition).expect("tables");
        let made = convert(&definition, &native, &mut files, OnReject::Split);
        assert!(
            made.findings.is_empty(),
            "{name}: {:?}",
            made.findings.first()
        );
        // A sample knows no day where the standard gives no format, and the dictionary alone says that it is one.
        let columns = || submission.tables.iter().flat_map(|table| &table.columns);
        for loss in made.losses.list() {
            let mut of = columns().filter(|column| *column.element == *loss.element);
            assert!(of.any(|column| column.form.is_none()), "{name}: {loss:?}");
        }
        for (number, table) in submission.tables.iter().enumerate() {
            let batches = made.rows(&format!("{name}/{}", table.name), number);
            let count: usize = batches.iter().map(RecordBatch::num_rows).sum();
            let rows = &memory.tables[number];
            assert_eq!(count, rows.len(), "{name} {}", table.name);
            let mut at = 0;
            for batch in &batches {
                for column in &table.columns {
                    let field = batch.schema();
                    let field = field.field_with_name(&column.name).expect("a column");
                    let wanted = match &column.form {
                        Some(Form::Day) if column.codes.is_none() => DataType::Date32,
                        _ => field.data_type().clone(),
                    };
                    assert_eq!(*field.data_type(), wanted, "{}", column.name);
                    typed += u32::from(*field.data_type() != DataType::Utf8);
                }
                for row in 0..batch.num_rows() {
                    let record = shown(batch, row, "source_record");
                    assert_eq!(record, Some((at + 1).to_string()));
                    assert_eq!(shown(batch, row, "source_effect"), None);
                    let file = shown(batch, row, "source_file");
                    assert_eq!(file.as_deref(), Some(&*table.name));
                    for (column, cell) in table.columns.iter().zip(&rows[at]) {
                        let found = shown(batch, row, &column.name).unwrap_or_default();
                        if column.form.is_none() && found.is_empty() {
                            continue;
                        }
                        let place = format!("{name} {} {} row {at}", table.name, column.name);
                        assert!(
                            same(column.form.as_ref(), &found, cell),
                            "{place}: {found} {cell}"
                        );
                    }
                    at += 1;
                }
            }
        }
    }
    assert!(typed > 300, "{typed}");
}

#[test]
fn the_verdicts_are_those_of_the_check() {
    for definition in definitions() {
        let name = definition.standard.name();
        let submission = submission(&definition);
        let memory = in_memory(&mut sample(&definition, 80), submission.tables.len());
        let memory = spoilt(memory, &submission);
        let native = SubmissionConversion::native(&definition).expect("tables");
        let kept = convert(&definition, &native, &mut memory.clone(), OnReject::Keep);
        let split = convert(&definition, &native, &mut memory.clone(), OnReject::Split);
        let dropped = convert(&definition, &native, &mut memory.clone(), OnReject::Drop);
        let (mut rejected, mut late) = (0, 0);
        for (number, table) in submission.tables.iter().enumerate() {
            let dataset = format!("{name}/{}", table.name);
            let mut at = 0;
            let mut left = Vec::new();
            for batch in kept.rows(&dataset, number) {
                for row in 0..batch.num_rows() {
                    let effect = shown(&batch, row, "source_effect").unwrap_or_default();
                    let by = kept.checked.rejected_by(number, at);
                    assert_eq!(
                        rejects(&effect),
                        by.is_some(),
                        "{dataset} row {at}: {effect} {by:?}"
                    );
                    if by.is_some() {
                        rejected += 1;
                        left.push(at);
                    }
                    // The gravest effect of all that was found.
                    let record = Some(at as u64 + 1);
                    let own = kept.findings.iter().filter(|finding| {
                        let path = finding.path.as_deref().unwrap_or_default();
                        finding.record == record && path.split('/').next() == Some(&table.name)
                    });
                    let gravest = own.map(|finding| finding.effect).max();
                    let gravest = gravest
                        .map(concord_finding::Effect::as_str)
                        .unwrap_or_default();
                    assert_eq!(effect, gravest, "{dataset} row {at}");
                    at += 1;
                }
            }
            assert_eq!(at, memory.tables[number].len(), "{dataset}");
            for lake in [&split, &dropped] {
                let records: Vec<String> = lake
                    .rows(&dataset, number)
                    .iter()
                    .flat_map(|batch| {
                        let records =
                            (0..batch.num_rows()).map(|row| shown(batch, row, "source_record"));
                        records.flatten().collect::<Vec<_>>()
                    })
                    .collect();
                let wanted = (0..at).filter(|row| !left.contains(row));
                let wanted: Vec<String> = wanted.map(|row| (row + 1).to_string()).collect();
                assert_eq!(records, wanted, "{dataset}");
            }
            assert!(dropped.rows("rejects", number).is_empty());
            let mut told = Vec::new();
            for batch in split.rows("rejects", number) {
                for row in 0..batch.num_rows() {
                    let record = shown(&batch, row, "source_record").expect("a number");
                    let record: usize = record.parse().expect("a number");
                    let rules = shown(&batch, row, "rules").expect("rules");
                    let by = split
                        .checked
                        .rejected_by(number, record - 1)
                        .expect("a rule");
                    assert!(rules.split(' ').any(|rule| rule == by), "{rules} {by}");
                    late += usize::from(rules.contains(' '));
                    let raw = shown(&batch, row, "raw").expect("as it came");
                    assert_eq!(raw, memory.tables[number][record - 1].join(","));
                    told.push(record - 1);
                }
            }
            assert_eq!(told, left, "{dataset}");
        }
        assert!(rejected > 20 && late > 0, "{name}: {rejected} {late}");
    }
}

#[test]
fn a_document_gives_the_same_rows_as_files() {
    for definition in definitions() {
        let name = definition.standard.name();
        let submission = submission(&definition);
        let memory = in_memory(&mut sample(&definition, 40), submission.tables.len());
        let memory = spoilt(memory, &submission);
        let text = document(&memory, &submission);
        let input = Input::bytes("all.xml".to_owned(), text.into_bytes());
        let mut xml = XmlTables::new(Arc::clone(&submission), input, Limits::default());
        let native = SubmissionConversion::native(&definition).expect("tables");
        let of_document = convert(&definition, &native, &mut xml, OnReject::Keep);
        let of_tables = convert(&definition, &native, &mut memory.clone(), OnReject::Keep);
        for (number, table) in submission.tables.iter().enumerate() {
            let dataset = format!("{name}/{}", table.name);
            let (one, other) = (
                of_document.rows(&dataset, number),
                of_tables.rows(&dataset, number),
            );
            assert_eq!(one, other, "{dataset}");
        }
    }
}

#[test]
fn every_standard_is_mapped_to_the_model() {
    let shipped = Shipped::new();
    let mut led = std::collections::BTreeMap::new();
    for definition in definitions() {
        let name = definition.standard.name();
        let tables = definition.as_tables().expect("tables");
        let mapping = Mapping::load(&shipped, &definition.standard.folder)
            .unwrap_or_else(|errors| panic!("{errors}"))
            .unwrap_or_else(|| panic!("{name} has no mapping"));
        let said: Vec<String> = lint(&tables, &mapping)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(said.is_empty(), "{name}:\n{}", said.join("\n"));
        for (reference, leads) in leading(&tables, &mapping) {
            *led.entry(reference).or_insert(false) |= leads;
        }
        let mapped = SubmissionConversion::mapped(&definition, &mapping)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let submission = submission(&definition);
        let mut files = sample(&definition, 50);
        let memory: TablesInMemory = in_memory(&mut files, submission.tables.len());
        let made = convert(&definition, &mapped, &mut files, OnReject::Split);
        // The patients of the first table that has them.
        let is_number = |column: &Column| {
            column.element.starts_with("NHS NUMBER") && !column.element.contains("STATUS")
        };
        let mut tables = submission.tables.iter();
        let patients = tables.position(|table| table.columns.iter().any(is_number));
        let patients = patients.expect("a table of patients");
        let number = submission.tables[patients]
            .columns
            .iter()
            .position(is_number);
        let number = number.expect("a number");
        let persons = made.rows("person", patients);
        let count: usize = persons.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(count, memory.tables[patients].len(), "{name}");
        for batch in &persons {
            for row in 0..batch.num_rows() {
                let record: usize = shown(batch, row, "source_record")
                    .expect("a number")
                    .parse()
                    .expect("a number");
                let cells = &memory.tables[patients][record - 1];
                let found = shown(batch, row, "nhs_number").unwrap_or_default();
                assert_eq!(found, cells[number], "{name} row {row}");
            }
        }
        assert!(!made.losses.is_empty(), "{name}: what has no place is told");
    }
    let nowhere: Vec<_> = led.iter().filter(|(_, leads)| !**leads).collect();
    assert!(nowhere.is_empty(), "{nowhere:?}");
}
