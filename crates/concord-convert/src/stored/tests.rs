use std::collections::HashMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use concord_model::stored::{StoredColumn, StoredKind};
use parquet::arrow::ArrowWriter;

use super::{arrow, lake, parquet};

fn schema() -> Schema {
    let element = HashMap::from([
        ("concord.element".to_owned(), "NHS NUMBER".to_owned()),
        ("concord.personal".to_owned(), "true".to_owned()),
    ]);
    Schema::new(vec![
        Field::new("source_file", DataType::Utf8, true),
        Field::new("nhs_number", DataType::Utf8, true).with_metadata(element),
        Field::new("day", DataType::Date32, false),
        Field::new("at", DataType::Timestamp(TimeUnit::Microsecond, None), true),
        Field::new("cost", DataType::Decimal128(9, 2), true),
        Field::new("count", DataType::Int32, true),
        Field::new(
            "codes",
            DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))),
            true,
        ),
        Field::new(
            "name",
            DataType::Struct(Fields::from(vec![Field::new(
                "given",
                DataType::Utf8,
                true,
            )])),
            true,
        ),
        Field::new(
            "sex",
            DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8)),
            true,
        ),
    ])
}

fn write_parquet(path: &Path, schema: Schema) {
    let file = File::create(path).expect("a file");
    let writer = ArrowWriter::try_new(file, Arc::new(schema), None).expect("a writer");
    writer.close().expect("written");
}

/// What a file of [`schema`] is read as.
fn check(columns: &[StoredColumn]) {
    let shown: Vec<String> = columns
        .iter()
        .map(|column| format!("{} {:?} {}", column.name, column.kind, column.nullable))
        .collect();
    let given = StoredColumn {
        name: "given".into(),
        kind: StoredKind::Text,
        nullable: true,
        dictionary_name: None,
        code_list: None,
    };
    let expected = [
        ("nhs_number", StoredKind::Text, true),
        ("day", StoredKind::Date, false),
        ("at", StoredKind::Timestamp { zoned: false }, true),
        (
            "cost",
            StoredKind::Decimal {
                precision: 9,
                scale: 2,
            },
            true,
        ),
        (
            "count",
            StoredKind::Integer {
                bits: 32,
                signed: true,
            },
            true,
        ),
        ("codes", StoredKind::List(Box::new(StoredKind::Text)), true),
        ("name", StoredKind::Struct(vec![given]), true),
        ("sex", StoredKind::Text, true),
    ]
    .map(|(name, kind, nullable)| format!("{name} {kind:?} {nullable}"));
    assert_eq!(shown, expected);
    assert_eq!(columns[0].dictionary_name.as_deref(), Some("NHS NUMBER"));
}

#[test]
fn the_footer_of_parquet_says_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.parquet");
    write_parquet(&path, schema());
    let table = parquet(&path).expect("it is read");
    assert_eq!(&*table.name, "a");
    check(&table.columns);
}

#[test]
fn arrow_files_and_streams_say_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.arrow");
    let mut writer =
        arrow_ipc::writer::FileWriter::try_new(File::create(&path).expect("a file"), &schema())
            .expect("a writer");
    writer.finish().expect("written");
    check(&arrow(&path).expect("it is read").columns);
    let stream = folder.path().join("a.arrows");
    let mut writer =
        arrow_ipc::writer::StreamWriter::try_new(File::create(&stream).expect("a file"), &schema())
            .expect("a writer");
    writer.finish().expect("written");
    check(&arrow(&stream).expect("it is read").columns);

    // Every file that is cut off is an error, and none makes the program fail.
    for whole in [&path, &stream] {
        let bytes = fs::read(whole).expect("there");
        let cut = folder.path().join("cut");
        for length in (0..bytes.len()).step_by(7) {
            fs::write(&cut, &bytes[..length]).expect("written");
            let read = arrow(&cut);
            if whole == &path {
                assert!(read.is_err(), "{length} bytes");
            }
        }
        for at in (0..bytes.len()).step_by(3) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x5a;
            fs::write(&cut, &damaged).expect("written");
            let _ = arrow(&cut);
        }
    }
    fs::write(&path, "FEA1....").expect("written");
    let error = arrow(&path).expect_err("version 1").to_string();
    assert!(error.contains("version 2"), "{error}");
}

#[test]
fn a_damaged_parquet_file_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.parquet");
    write_parquet(&path, schema());
    let bytes = fs::read(&path).expect("there");
    fs::write(&path, &bytes[..bytes.len() - 9]).expect("written");
    let error = parquet(&path).expect_err("cut off").to_string();
    assert!(
        error.contains("is no Parquet file that can be read"),
        "{error}"
    );
}

#[test]
fn a_lake_is_its_datasets() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |path: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        path
    };
    let other = || Schema::new(vec![Field::new("a", DataType::Utf8, true)]);
    write_parquet(
        &at("cds@6-3-1/record/provider=RXX/part-00000.parquet"),
        schema(),
    );
    write_parquet(
        &at("cds@6-3-1/record/provider=RYY/part-00000.parquet"),
        schema(),
    );
    write_parquet(&at("cds@6-3-1/Diagnosis/part-00000.parquet"), other());
    fs::write(at("concord.json"), "{}").expect("written");
    let tables = lake(folder.path()).expect("it is read");
    let names: Vec<&str> = tables.iter().map(|table| &*table.name).collect();
    assert_eq!(names, ["Diagnosis", "record"]);
    let last = tables[1].columns.last().expect("columns");
    assert_eq!((&*last.name, &last.kind), ("provider", &StoredKind::Text));

    write_parquet(&at("cds@6-3-1/Diagnosis/part-00001.parquet"), schema());
    let error = lake(folder.path()).expect_err("they differ").to_string();
    assert!(error.contains("have not the same columns"), "{error}");
    assert!(lake(&at("empty/x").with_file_name("")).is_err());
}
