//! Queries over tables of every kind, and those that are none.

use arrow_array::{ArrayRef, StringArray};
use arrow_schema::{DataType, Field};

use super::*;

#[track_caller]
fn check(tables: &Tables, sql: &str, expected: &[&str]) {
    let mut rows = Vec::new();
    let answer = tables.select(sql).expect("an answer");
    let row = &mut |row: &[Option<&str>]| {
        let cells: Vec<&str> = row.iter().map(|cell| cell.unwrap_or("∅")).collect();
        rows.push(cells.join(" "));
    };
    answer.each_row(row).expect("rows");
    assert_eq!(rows, expected);
}

fn refused(sql: &str) -> String {
    Tables::new(None).select(sql).expect_err(sql).to_string()
}

#[test]
fn the_day_that_is_asked_about_is_a_value() {
    // 2021-01-01.
    let tables = Tables::new(Some(18_628));
    check(
        &tables,
        "SELECT published_day($as_at), $as_at, years_between(DATE '1988-02-29', $as_at), DATE '2021-01-02' > $as_at",
        &["01JAN2021 2021-01-01 32 true"],
    );
    check(
        &tables,
        "SELECT month_of(DATE '2024-02-29'), substr('20240229', 1, 6)",
        &["2024-02-01 202402"],
    );
}

#[test]
fn what_cannot_be_converted_is_unknown() {
    let tables = Tables::new(None);
    check(
        &tables,
        "SELECT CAST('x' AS DATE), CAST('2.1500' AS DECIMAL(20, 10)), CAST(CAST('8.95E-1' AS DOUBLE) AS DECIMAL(20, 10))",
        &["∅ 2.15 0.895"],
    );
}

#[test]
fn answers_and_views_are_tables() {
    let mut tables = Tables::new(None);
    let answer = tables
        .select("SELECT 'b' AS code, 2 AS n UNION ALL SELECT 'a', 1")
        .expect("an answer");
    tables.insert_answer("first", Arc::new(answer));
    tables.insert_view("second", "SELECT code, n * 10 AS n FROM first -- times ten");
    tables.insert_view("third", "SELECT sum(n) AS n FROM second");
    check(
        &tables,
        "SELECT code, n FROM second ORDER BY code",
        &["a 10", "b 20"],
    );
    check(
        &tables,
        "SELECT third.n, s.n FROM third CROSS JOIN second s WHERE s.code = 'b'",
        &["30 20"],
    );
}

#[test]
fn only_what_is_needed_is_read() {
    let mut tables = Tables::new(None);
    let answer = tables.select("SELECT 1 AS a, 2 AS b, 3 AS c");
    let answer = Arc::new(answer.expect("an answer"));
    let wanted = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (asked, inner) = (Arc::clone(&wanted), Arc::clone(&answer));
    tables.insert("wide", &answer.schema(), move |columns| {
        asked.lock().expect("no panic").push(columns.to_vec());
        inner.read(columns)
    });
    check(&tables, "SELECT c FROM wide WHERE a = 1", &["3"]);
    check(&tables, "SELECT count(*) FROM wide", &["1"]);
    check(&tables, "SELECT a FROM (SELECT a, b FROM wide)", &["1"]);
    let wanted = wanted.lock().expect("no panic");
    assert_eq!(
        *wanted,
        [
            vec!["a".to_owned(), "c".to_owned()],
            Vec::new(),
            vec!["a".to_owned()]
        ]
    );
}

#[test]
fn a_join_that_memory_does_not_hold_spills() {
    const ROWS: i64 = 800_000;
    let mut tables = Tables::new(None);
    tables.memory = 32 << 20;
    for name in ["left", "right"] {
        let field = |name| Field::new(name, DataType::Utf8, true);
        let schema = Arc::new(Schema::new(vec![field("key"), field("text")]));
        let own = Arc::clone(&schema);
        tables.insert(name, &schema, move |columns| {
            let (own, columns) = (Arc::clone(&own), columns.to_vec());
            Ok(Box::new((0..ROWS / 1000).map(move |thousand| {
                let keys = (0..1000).map(|row| format!("{:012}", (thousand * 1000 + row) * 7));
                let keys: ArrayRef = Arc::new(StringArray::from_iter_values(keys));
                let batch = RecordBatch::try_new(Arc::clone(&own), vec![Arc::clone(&keys), keys]);
                let batch = batch.map_err(|error| error.to_string())?;
                let places: Vec<usize> = columns
                    .iter()
                    .filter_map(|column| own.index_of(column).ok())
                    .collect();
                batch.project(&places).map_err(|error| error.to_string())
            })))
        });
    }
    let sql = "SELECT count(*), min(b.text), max(a.text) FROM \"left\" a JOIN \"right\" b ON a.key = b.key";
    let wanted = tables.wanted(sql).expect("a plan");
    let in_memory = tables
        .run(sql, &wanted, true)
        .expect_err("no memory for it");
    assert!(
        matches!(in_memory, DataFusionError::ResourcesExhausted(_)),
        "{in_memory}"
    );
    check(&tables, sql, &["800000 000000000000 000005599993"]);
}

#[test]
fn what_is_no_query_is_refused() {
    assert!(refused("SELECT nothing FROM nowhere").contains("nowhere"));
    assert!(refused("CREATE TABLE t (a INT)").contains("a query is a SELECT"));
    assert!(refused("SELECT 1 +").len() > 5);
    let mut tables = Tables::new(None);
    tables.insert_view("round", "SELECT * FROM about");
    tables.insert_view("about", "SELECT * FROM round");
    let error = tables.select("SELECT * FROM round").expect_err("a circle");
    assert!(error.to_string().contains("made of itself"), "{error}");
}

#[test]
fn a_table_that_cannot_be_read_is_an_error() {
    let mut tables = Tables::new(None);
    let answer = tables.select("SELECT 1 AS a").expect("an answer");
    tables.insert("broken", &answer.schema(), |_| {
        Err("the disk is gone".to_owned())
    });
    let error = tables.select("SELECT a FROM broken").expect_err("an error");
    assert!(
        matches!(&error, SelectError::Run(reason) if reason.contains("the disk is gone")),
        "{error:?}"
    );
}
