use super::*;
use crate::definition::{Known, lint};
use crate::infer::{Carrier, Naming, empty_definition};

fn naming() -> Naming {
    Naming::new("clinic", "1", "clinic.xml")
}

/// `a(b(1)c(2))`: names, children in brackets, texts.
fn read(inference: &mut DocumentInference, text: &str) {
    let mut name = String::new();
    for letter in text.chars() {
        match letter {
            '(' => {
                let (name, nil) = match name.strip_suffix('!') {
                    Some(name) => (name, true),
                    None => (&*name, false),
                };
                inference
                    .open(&QName::new("", name), [], nil)
                    .expect("it is followed");
            }
            ')' => {
                inference.text(&name);
                inference.close();
            }
            letter => {
                name.push(letter);
                continue;
            }
        }
        name.clear();
    }
}

fn learnt(documents: &[&str]) -> InferredDocument {
    let mut inference = DocumentInference::new();
    for document in documents {
        read(&mut inference, document);
    }
    inference.finish().expect("there is a document")
}

#[test]
fn documents_become_a_definition_that_lint_is_content_with() {
    let records: Vec<String> = (0..40)
        .map(|number| {
            let sex = ["1", "2"][number % 2];
            format!("Record(Id(A{number:02})NHSNumber(9990000018)Sex({sex})Seen(2025-04-01)Price({number}.5))")
        })
        .collect();
    let document = format!(
        "Clinic(Head(Sent(2025-04-02T10:00:00)){})",
        records.concat()
    );
    let learnt = learnt(&[&document]);
    let files = learnt.files(&naming(), &Known::default());
    let definition = learnt
        .definition(&naming(), &Known::default())
        .expect("it can be read");
    let problems: Vec<String> = lint(&definition).iter().map(ToString::to_string).collect();
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(definition.standard.record.elements, ["Record".into()]);
    assert_eq!(definition.standard.record.key, ["Id"]);
    let structure = &files["clinic/1/structure.toml"];
    for line in [
        "[group.Record_Structure]\n# Inferred: seen 40 times.\n",
        "{ element = \"Record\", group = \"Record_Structure\", occurs = \"1..*\" }",
        "element = \"NHSNumber\", value = { format = \"n10\" }",
        "codes = \"clinic-sex\"",
        "element = \"Seen\", value = { format = \"an10 CCYY-MM-DD\" }",
    ] {
        assert!(structure.contains(line), "{line}\n{structure}");
    }
    let number = definition
        .elements
        .by_xml_name("NHSNumber")
        .expect("it is known");
    assert!(number.personal);
    assert!(files["clinic/1/rules.toml"].contains("each = [\"NHSNumber\"]"));
}

#[test]
fn elements_may_stand_below_themselves_be_nil_or_hold_text_between_children() {
    let learnt = learnt(&["a(a(b!()x)c()c(yes))", "a()"]);
    let definition = learnt
        .definition(&naming(), &Known::default())
        .expect("it can be read");
    let schema = &definition.schema;
    let find = |name: &str| {
        let mut elements = schema.elements.iter();
        elements
            .find(|element| &*element.name.local == name)
            .expect("it is there")
    };
    assert!(find("b").nillable);
    let crate::schema::TypeId::Complex(id) = find("a").content else {
        panic!("it has children");
    };
    assert!(matches!(
        schema.complex_type(id).content,
        crate::schema::Content::Children { mixed: true, .. }
    ));
}

#[test]
fn documents_of_two_kinds_are_refused() {
    let mut inference = DocumentInference::new();
    read(&mut inference, "a()");
    let other = inference.open(&QName::new("", "b"), [], false);
    assert_eq!(
        other,
        Err(DocumentError::Roots("a".to_owned(), "b".to_owned()))
    );
    assert!(matches!(
        DocumentInference::new().finish(),
        Err(DocumentError::Nothing)
    ));
}

#[test]
fn an_empty_definition_is_valid() {
    for carrier in [Carrier::Delimited, Carrier::Xml] {
        let files = empty_definition(carrier, &naming(), &Known::default());
        let definition =
            crate::definition::Definition::load(&files, "clinic/1").expect("it can be read");
        let problems: Vec<String> = lint(&definition).iter().map(ToString::to_string).collect();
        assert_eq!(problems, Vec::<String>::new());
    }
}
