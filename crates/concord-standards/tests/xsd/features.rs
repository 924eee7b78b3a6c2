//! One small schema for each feature, and what becomes of it.

use std::fmt::Write;

use concord_standards::schema::{
    Attribute, Content, DerivationSet, NamespaceSet, Particle, ProcessContents, Schema,
    SimpleTypeId, Term, TypeId, Use, ValueConstraint, Variety, Wildcard,
};

use crate::files::{import_all, import_text, schema_text};

/// The schema as one line for each root element, global attribute and named type:
///
/// `a: T` an element of type T; `(a b?)` a sequence, `(a|b)` a choice, `(a&b)` an `xs:all`; `{2,3}`, `?`, `*`, `+`
/// occurrence; `@x` an attribute, `@x!` a required, `@x-` a prohibited one; `=v` fixed, `~v` default.
fn shown(schema: &Schema) -> String {
    let mut text = String::new();
    for id in &schema.roots {
        writeln!(text, "{}", element(schema, *id)).unwrap();
    }
    for global in &schema.attributes {
        writeln!(text, "{}", attribute(schema, global)).unwrap();
    }
    for complex in &schema.complex_types {
        if let Some(name) = &complex.name {
            let facts = complex_text(schema, complex);
            writeln!(text, "{name} = {facts}").unwrap();
        }
    }
    for (index, simple) in (0..).zip(&schema.simple_types) {
        if let Some(name) = &simple.name
            && !name.namespace.contains("w3.org")
        {
            writeln!(
                text,
                "{name} = {}",
                simple_text(schema, SimpleTypeId(index))
            )
            .unwrap();
        }
    }
    text
}

fn element(schema: &Schema, id: concord_standards::schema::ElementId) -> String {
    let element = schema.element(id);
    let mut text = name(&element.name);
    write!(text, ": {}", type_name(schema, element.content)).unwrap();
    text += &constraint(element.constraint.as_ref());
    if element.nillable {
        text += " nillable";
    }
    if element.is_abstract {
        text += " abstract";
    }
    for head in &element.substitutes {
        write!(text, " for {}", schema.element(*head).name).unwrap();
    }
    text + &block(element.block)
}

fn block(block: DerivationSet) -> String {
    let words = [
        (block.extension, "extension"),
        (block.restriction, "restriction"),
        (block.substitution, "substitution"),
    ];
    let mut text = String::new();
    for (_, word) in words.iter().filter(|(is, _)| *is) {
        write!(text, " block-{word}").unwrap();
    }
    text
}

fn name(name: &concord_standards::schema::QName) -> String {
    match &*name.namespace {
        "urn:t" => name.local.to_string(),
        other => format!("{{{other}}}{}", name.local),
    }
}

fn type_name(schema: &Schema, content: TypeId) -> String {
    match content {
        TypeId::Any => "any".to_owned(),
        TypeId::Simple(id) => simple_name(schema, id),
        TypeId::Complex(id) => {
            let complex = schema.complex_type(id);
            match &complex.name {
                Some(name) => name.to_string(),
                None => complex_text(schema, complex),
            }
        }
    }
}

fn complex_text(schema: &Schema, complex: &concord_standards::schema::ComplexType) -> String {
    let mut text = match &complex.content {
        Content::Empty => "empty".to_owned(),
        Content::Simple(id) => format!("text {}", simple_name(schema, *id)),
        Content::Children { particle, mixed } => {
            let model = particle_text(schema, particle);
            if *mixed {
                format!("mixed {model}")
            } else {
                model
            }
        }
    };
    for usage in &complex.attributes {
        write!(text, " {}", attribute(schema, &usage.attribute)).unwrap();
        text += match usage.usage {
            Use::Optional => "",
            Use::Required => "!",
            Use::Prohibited => "-",
        };
    }
    if let Some(any) = &complex.any_attribute {
        write!(text, " @{}", wildcard(any)).unwrap();
    }
    if complex.is_abstract {
        text += " abstract";
    }
    text + &block(complex.block)
}

fn attribute(schema: &Schema, attribute: &Attribute) -> String {
    let attribute_name = match &*attribute.name.namespace {
        "" => attribute.name.local.to_string(),
        _ => name(&attribute.name),
    };
    let value = constraint(attribute.constraint.as_ref());
    format!(
        "@{attribute_name}:{}{value}",
        simple_name(schema, attribute.content)
    )
}

fn constraint(constraint: Option<&ValueConstraint>) -> String {
    match constraint {
        None => String::new(),
        Some(ValueConstraint::Default(value)) => format!("~{value}"),
        Some(ValueConstraint::Fixed(value)) => format!("={value}"),
    }
}

fn wildcard(wildcard: &Wildcard) -> String {
    let namespaces = match &wildcard.namespaces {
        NamespaceSet::Any => "any".to_owned(),
        NamespaceSet::Other(not) => format!("not[{not}]"),
        NamespaceSet::These(these) => format!("in[{}]", these.join(" ")),
    };
    let process = match wildcard.process {
        ProcessContents::Strict => "strict",
        ProcessContents::Lax => "lax",
        ProcessContents::Skip => "skip",
    };
    format!("{namespaces}/{process}")
}

fn particle_text(schema: &Schema, particle: &Particle) -> String {
    let parts = |parts: &[Particle], between: &str| {
        let texts: Vec<_> = parts
            .iter()
            .map(|part| particle_text(schema, part))
            .collect();
        format!("({})", texts.join(between))
    };
    let term = match &particle.term {
        Term::Element(id) => match schema.element(*id).content {
            TypeId::Simple(_) => element(schema, *id).replace(": ", ":"),
            _ => name(&schema.element(*id).name),
        },
        Term::Sequence(children) => parts(children, " "),
        Term::Choice(children) => parts(children, "|"),
        Term::All(children) => parts(children, "&"),
        Term::Any(any) => format!("<{}>", wildcard(any)),
    };
    let times = match (particle.min, particle.max) {
        (1, Some(1)) => String::new(),
        (0, Some(1)) => "?".to_owned(),
        (0, None) => "*".to_owned(),
        (1, None) => "+".to_owned(),
        (min, Some(max)) => format!("{{{min},{max}}}"),
        (min, None) => format!("{{{min},}}"),
    };
    term + &times
}

fn simple_name(schema: &Schema, id: SimpleTypeId) -> String {
    match &schema.simple_type(id).name {
        Some(name) => name.local.to_string(),
        None => simple_text(schema, id),
    }
}

fn simple_text(schema: &Schema, id: SimpleTypeId) -> String {
    let simple = schema.simple_type(id);
    let mut text = match &simple.variety {
        Variety::Atomic(builtin) => builtin.name().to_owned(),
        Variety::List(item) => format!("list({})", simple_name(schema, *item)),
        Variety::Union(members) => {
            let names: Vec<_> = members
                .iter()
                .map(|member| simple_name(schema, *member))
                .collect();
            format!("union({})", names.join(","))
        }
    };
    for step in &simple.steps {
        text.push('[');
        let mut facets = Vec::new();
        facets.extend(step.patterns.iter().map(|pattern| format!("/{pattern}/")));
        facets.extend(step.enumeration.iter().map(|code| format!("'{code}'")));
        let numbers = [
            ("length", step.length),
            ("minLength", step.min_length),
            ("maxLength", step.max_length),
            ("total", step.total_digits.map(u64::from)),
            ("fraction", step.fraction_digits.map(u64::from)),
        ];
        facets.extend(
            numbers
                .iter()
                .filter_map(|(name, number)| number.map(|number| format!("{name}={number}"))),
        );
        let bounds = [
            (">=", &step.min_inclusive),
            (">", &step.min_exclusive),
            ("<=", &step.max_inclusive),
            ("<", &step.max_exclusive),
        ];
        facets.extend(
            bounds
                .iter()
                .filter_map(|(sign, bound)| bound.as_ref().map(|bound| format!("{sign}{bound}"))),
        );
        facets.extend(step.white_space.map(|white| format!("{white:?}")));
        text += &facets.join(" ");
        text.push(']');
    }
    text
}

/// Imports the content of a schema and compares every line of what it shows.
fn check(content: &str, expected: &str) {
    match import_text(content) {
        Ok(schema) => same(&schema, expected),
        Err(errors) => panic!("{content}\n{errors}"),
    }
}

fn same(schema: &Schema, expected: &str) {
    let expected: Vec<_> = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let shown = shown(schema);
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines, expected);
}

#[test]
fn elements() {
    check(
        r#"<xs:element name="a" type="xs:int" default="3"/>
           <xs:element name="b" type="xs:string" fixed="x" nillable="1"/>
           <xs:element name="c"/>
           <xs:element name="d"><xs:complexType><xs:sequence><xs:element ref="a"/><xs:element name="e" type="xs:date" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>"#,
        "a: int~3
         b: string=x nillable
         c: any
         d: (a:int~3 e:date?)",
    );
}

#[test]
fn groups_and_occurrence() {
    check(
        r#"<xs:group name="G"><xs:choice><xs:element name="a" type="xs:int"/><xs:sequence minOccurs="0"><xs:element name="b" type="xs:int" maxOccurs="unbounded"/></xs:sequence></xs:choice></xs:group>
           <xs:complexType name="T"><xs:sequence minOccurs="2" maxOccurs="7"><xs:group ref="G" minOccurs="0" maxOccurs="unbounded"/><xs:element name="gone" minOccurs="0" maxOccurs="0"/><xs:group ref="G" minOccurs="3" maxOccurs="unbounded"/></xs:sequence></xs:complexType>
           <xs:complexType name="A"><xs:all minOccurs="0"><xs:element name="a" type="xs:int" minOccurs="0"/><xs:element name="b" type="xs:int"/></xs:all></xs:complexType>
           <xs:complexType name="E"/>
           <xs:complexType name="N"><xs:choice/></xs:complexType>
           <xs:complexType name="O"><xs:choice minOccurs="0"/></xs:complexType>"#,
        "T = ((a:int|(b:int+)?)* (a:int|(b:int+)?){3,}){2,7}
         A = (a:int?&b:int)?
         E = empty
         N = ()
         O = empty",
    );
}

#[test]
fn a_declaration_that_several_particles_refer_to_stands_once() {
    let schema = import_text(
        r#"<xs:group name="G"><xs:sequence><xs:element name="a" type="xs:int"/></xs:sequence></xs:group>
           <xs:complexType name="T"><xs:sequence><xs:group ref="G"/><xs:element name="b"/><xs:group ref="G"/></xs:sequence></xs:complexType>
           <xs:complexType name="U"><xs:complexContent><xs:extension base="T"/></xs:complexContent></xs:complexType>"#,
    )
    .unwrap();
    assert_eq!(schema.elements.len(), 2);
}

#[test]
fn attributes_and_attribute_groups() {
    check(
        r#"<xs:attribute name="g" type="xs:int" fixed="1"/>
           <xs:attributeGroup name="A"><xs:attribute name="x" type="xs:string" use="required"/><xs:attribute name="p" use="prohibited"/><xs:anyAttribute namespace="urn:a urn:b"/></xs:attributeGroup>
           <xs:attributeGroup name="B"><xs:attributeGroup ref="A"/><xs:attribute name="y" type="xs:int" default="2"/></xs:attributeGroup>
           <xs:complexType name="T"><xs:attributeGroup ref="B"/><xs:attribute ref="g"/><xs:attribute name="q" type="xs:int" form="qualified"/><xs:anyAttribute namespace="urn:b urn:c" processContents="skip"/></xs:complexType>
           <xs:complexType name="U"><xs:attribute name="n"/></xs:complexType>"#,
        "@g:int=1
         T = empty @x:string! @y:int~2 @g:int=1 @q:int @in[urn:b]/skip
         U = empty @n:anySimpleType",
    );
}

#[test]
fn attributes_of_the_xml_namespace_are_built_in() {
    check(
        r#"<xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="http://www.w3.org/2001/xml.xsd"/>
           <xs:complexType name="T"><xs:attribute ref="xml:lang" use="required"/><xs:attribute ref="xml:space" default="preserve"/><xs:attribute ref="xml:base"/></xs:complexType>"#,
        "@{http://www.w3.org/XML/1998/namespace}lang:union(language,string[''])
         @{http://www.w3.org/XML/1998/namespace}space:NCName['default' 'preserve']
         @{http://www.w3.org/XML/1998/namespace}base:anyURI
         T = empty @{http://www.w3.org/XML/1998/namespace}lang:union(language,string[''])! @{http://www.w3.org/XML/1998/namespace}space:NCName['default' 'preserve']~preserve @{http://www.w3.org/XML/1998/namespace}base:anyURI",
    );
}

#[test]
fn extension_appends_and_restriction_replaces() {
    check(
        r#"<xs:complexType name="B"><xs:sequence><xs:element name="a" type="xs:int" maxOccurs="9"/></xs:sequence><xs:attribute name="x" type="xs:int"/><xs:attribute name="y" type="xs:int"/></xs:complexType>
           <xs:complexType name="E"><xs:complexContent><xs:extension base="B"><xs:choice minOccurs="0"><xs:element name="b" type="xs:int"/></xs:choice><xs:attribute name="z" type="xs:int"/></xs:extension></xs:complexContent></xs:complexType>
           <xs:complexType name="F"><xs:complexContent><xs:extension base="E"/></xs:complexContent></xs:complexType>
           <xs:complexType name="R"><xs:complexContent><xs:restriction base="B"><xs:sequence><xs:element name="a" type="xs:short"/></xs:sequence><xs:attribute name="x" use="prohibited"/><xs:attribute name="y" type="xs:byte" use="required"/></xs:restriction></xs:complexContent></xs:complexType>
           <xs:complexType name="S"><xs:complexContent><xs:extension base="R"><xs:attribute name="x" type="xs:date"/></xs:extension></xs:complexContent></xs:complexType>
           <xs:complexType name="N"/>
           <xs:complexType name="M"><xs:complexContent><xs:extension base="N"><xs:all><xs:element name="a" type="xs:int"/></xs:all></xs:extension></xs:complexContent></xs:complexType>"#,
        "B = (a:int{1,9}) @x:int @y:int
         E = ((a:int{1,9}) (b:int)?) @x:int @y:int @z:int
         F = ((a:int{1,9}) (b:int)?) @x:int @y:int @z:int
         R = (a:short) @x:anySimpleType- @y:byte!
         S = (a:short) @x:date @y:byte!
         N = empty
         M = (a:int)",
    );
}

#[test]
fn a_prohibited_attribute_that_a_wildcard_lets_through_is_not_prohibited() {
    check(
        r###"<xs:complexType name="B"><xs:attribute name="x" type="xs:int"/><xs:anyAttribute namespace="##any"/></xs:complexType>
           <xs:complexType name="R"><xs:complexContent><xs:restriction base="B"><xs:attribute name="x" use="prohibited"/><xs:anyAttribute namespace="##local"/></xs:restriction></xs:complexContent></xs:complexType>
           <xs:complexType name="S"><xs:complexContent><xs:restriction base="B"><xs:attribute name="x" use="prohibited"/><xs:anyAttribute namespace="##other"/></xs:restriction></xs:complexContent></xs:complexType>"###,
        "B = empty @x:int @any/strict
         R = empty @in[]/strict
         S = empty @x:anySimpleType- @not[urn:t]/strict",
    );
}

#[test]
fn mixed_content() {
    check(
        r#"<xs:complexType name="T" mixed="true"><xs:sequence><xs:element name="a" type="xs:int"/></xs:sequence></xs:complexType>
           <xs:complexType name="N" mixed="true"/>
           <xs:complexType name="E" mixed="true"><xs:complexContent><xs:extension base="T"><xs:sequence><xs:element name="b" type="xs:int"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
           <xs:complexType name="F" mixed="true"><xs:complexContent mixed="false"><xs:restriction base="T"><xs:sequence><xs:element name="a" type="xs:int"/></xs:sequence></xs:restriction></xs:complexContent></xs:complexType>
           <xs:complexType name="A"><xs:complexContent><xs:restriction base="xs:anyType"><xs:sequence><xs:element name="a" type="xs:int"/></xs:sequence></xs:restriction></xs:complexContent></xs:complexType>"#,
        "T = mixed (a:int)
         N = mixed ()
         E = mixed ((a:int) (b:int))
         F = (a:int)
         A = (a:int)",
    );
}

#[test]
fn simple_content() {
    check(
        r#"<xs:complexType name="B"><xs:simpleContent><xs:extension base="xs:decimal"><xs:attribute name="unit" type="xs:token" use="required"/></xs:extension></xs:simpleContent></xs:complexType>
           <xs:complexType name="R"><xs:simpleContent><xs:restriction base="B"><xs:maxInclusive value="9"/><xs:attribute name="unit" type="xs:token" use="required" fixed="kg"/></xs:restriction></xs:simpleContent></xs:complexType>
           <xs:complexType name="S"><xs:simpleContent><xs:restriction base="B"><xs:simpleType><xs:restriction base="xs:integer"/></xs:simpleType><xs:minInclusive value="1"/></xs:restriction></xs:simpleContent></xs:complexType>
           <xs:complexType name="E"><xs:simpleContent><xs:extension base="R"><xs:attribute name="more" type="xs:int"/></xs:extension></xs:simpleContent></xs:complexType>"#,
        "B = text decimal @unit:token!
         R = text decimal[<=9] @unit:token=kg!
         S = text integer[][>=1] @unit:token!
         E = text decimal[<=9] @unit:token=kg! @more:int",
    );
}

#[test]
fn simple_types() {
    check(
        r#"<xs:simpleType name="B"><xs:restriction base="xs:string"><xs:minLength value="1"/><xs:maxLength value="9"/><xs:pattern value="[a-z\s]+"/><xs:pattern value=" [0-9]+ "/></xs:restriction></xs:simpleType>
           <xs:simpleType name="C"><xs:restriction base="B"><xs:maxLength value="2"/><xs:enumeration value="a&#9;b"/><xs:enumeration value=" 1 "/><xs:whiteSpace value="replace"/></xs:restriction></xs:simpleType>
           <xs:simpleType name="D"><xs:restriction base="xs:decimal"><xs:totalDigits value="5"/><xs:fractionDigits value="2"/><xs:minExclusive value="0"/><xs:maxExclusive value=" 10 "/></xs:restriction></xs:simpleType>
           <xs:simpleType name="L"><xs:list itemType="C"/></xs:simpleType>
           <xs:simpleType name="M"><xs:restriction base="L"><xs:length value="2"/></xs:restriction></xs:simpleType>
           <xs:simpleType name="I"><xs:list><xs:simpleType><xs:restriction base="xs:int"/></xs:simpleType></xs:list></xs:simpleType>
           <xs:simpleType name="U"><xs:union memberTypes="xs:int D"><xs:simpleType><xs:restriction base="xs:string"><xs:length value="1"/></xs:restriction></xs:simpleType></xs:union></xs:simpleType>
           <xs:simpleType name="V"><xs:restriction base="U"><xs:pattern value="."/></xs:restriction></xs:simpleType>"#,
        r"B = string[/[a-z\s]+/ / [0-9]+ / minLength=1 maxLength=9]
         D = decimal[total=5 fraction=2 >0 <10]
         L = list(C)
         M = list(C)[length=2]
         I = list(int[])
         U = union(int,D,string[length=1])
         V = union(int,D,string[length=1])[/./]
         "
        .replacen("D = ", "C = string[/[a-z\\s]+/ / [0-9]+ / minLength=1 maxLength=9]['a\tb' ' 1 ' maxLength=2 Replace]\nD = ", 1)
        .as_str(),
    );
}

#[test]
fn a_type_used_before_its_definition_is_the_same_type() {
    let schema = import_text(
        r#"<xs:element name="a" type="S"/><xs:simpleType name="S"><xs:restriction base="R"/></xs:simpleType><xs:simpleType name="R"><xs:restriction base="xs:int"/></xs:simpleType><xs:element name="b" type="S"/>"#,
    )
    .unwrap();
    let [a, b] = schema.roots[..] else {
        panic!("two roots")
    };
    assert_eq!(schema.element(a).content, schema.element(b).content);
    assert_eq!(schema.simple_types.len(), 3);
}

#[test]
fn substitution_groups_abstract_and_block() {
    check(
        r##"<xs:complexType name="B" abstract="true" block="restriction"/>
           <xs:element name="h" type="xs:string" abstract="true" block="#all"/>
           <xs:element name="m" substitutionGroup="h"/>
           <xs:element name="n" substitutionGroup="m" type="xs:token"/>
           <xs:element name="o" substitutionGroup="n"/>
           <xs:complexType name="T"><xs:sequence><xs:element ref="h"/></xs:sequence></xs:complexType>"##,
        "m: string for h
         n: token for m
         o: token for n
         B = empty abstract block-restriction
         T = (h:string abstract block-extension block-restriction block-substitution)",
    );
}

#[test]
fn recursive_types() {
    let schema = import_text(
        r#"<xs:element name="tree" type="Tree"/><xs:complexType name="Tree"><xs:sequence><xs:element name="branch" type="Tree" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType>"#,
    )
    .unwrap();
    assert_eq!(schema.elements[0].content, schema.elements[1].content);
}

#[test]
fn wildcards() {
    check(
        r###"<xs:complexType name="T"><xs:sequence><xs:any/><xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="unbounded"/><xs:any namespace="##targetNamespace ##local urn:x" processContents="skip" maxOccurs="3"/></xs:sequence></xs:complexType>
           <xs:complexType name="U"><xs:complexContent><xs:extension base="T"><xs:anyAttribute namespace="##other" processContents="skip"/></xs:extension></xs:complexContent></xs:complexType>
           <xs:complexType name="V"><xs:complexContent><xs:extension base="U"><xs:anyAttribute namespace="##targetNamespace ##local"/></xs:extension></xs:complexContent></xs:complexType>"###,
        "T = (<any/strict> <not[urn:t]/lax>* <in[ urn:t urn:x]/skip>{1,3})
         U = (<any/strict> <not[urn:t]/lax>* <in[ urn:t urn:x]/skip>{1,3}) @not[urn:t]/skip
         V = (<any/strict> <not[urn:t]/lax>* <in[ urn:t urn:x]/skip>{1,3}) @any/strict",
    );
}

#[test]
fn forms_say_the_namespace_of_local_names() {
    let text = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t" attributeFormDefault="qualified">
        <xs:complexType name="T"><xs:sequence><xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:int" form="qualified"/></xs:sequence>
        <xs:attribute name="x" type="xs:int"/><xs:attribute name="y" type="xs:int" form="unqualified"/></xs:complexType></xs:schema>"#;
    same(
        &import_all(&[("t.xsd", text)]).unwrap(),
        "T = ({}a:int b:int) @x:int @y:int",
    );
    let schema = import_all(&[("t.xsd", text)]).unwrap();
    let namespaces: Vec<_> = schema.complex_types[0]
        .attributes
        .iter()
        .map(|usage| &*usage.attribute.name.namespace)
        .collect();
    assert_eq!(namespaces, ["urn:t", ""]);
}

#[test]
fn a_file_included_along_several_ways_counts_once() {
    let base =
        schema_text(r#"<xs:simpleType name="S"><xs:restriction base="xs:int"/></xs:simpleType>"#);
    let left = schema_text(
        r#"<xs:include schemaLocation="../base.xsd"/><xs:complexType name="L"><xs:sequence><xs:element name="l" type="S"/></xs:sequence></xs:complexType>"#,
    );
    let right = schema_text(
        r#"<xs:include schemaLocation="./base.xsd"/><xs:include schemaLocation="t.xsd"/><xs:complexType name="R"><xs:sequence><xs:element name="r" type="S"/></xs:sequence></xs:complexType>"#,
    );
    let root = schema_text(
        r#"<xs:include schemaLocation="left/left.xsd"/><xs:include schemaLocation="right.xsd"/><xs:element name="a" type="L"/><xs:element name="b" type="R"/>"#,
    );
    let schema = import_all(&[
        ("t.xsd", &root),
        ("left/left.xsd", &left),
        ("right.xsd", &right),
        ("base.xsd", &base),
    ])
    .unwrap();
    same(&schema, "a: L\nb: R\nL = (l:S)\nR = (r:S)\nS = int[]");
}

#[test]
fn a_file_without_a_namespace_takes_that_of_its_includer() {
    let part = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"><xs:simpleType name="S"><xs:restriction base="xs:int"/></xs:simpleType><xs:complexType name="T"><xs:sequence><xs:element name="a" type="S"/><xs:element ref="r"/></xs:sequence></xs:complexType></xs:schema>"#;
    let root = schema_text(
        r#"<xs:include schemaLocation="part.xsd"/><xs:element name="r" type="S"/><xs:element name="t" type="T"/>"#,
    );
    let schema = import_all(&[("t.xsd", &root), ("part.xsd", part)]).unwrap();
    same(&schema, "r: S\nt: T\nT = (a:S r:S)\nS = int[]");
}

#[test]
fn several_namespaces() {
    let other = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" xmlns="urn:o" targetNamespace="urn:o"><xs:import namespace="urn:t" schemaLocation="t.xsd"/><xs:element name="o" type="O"/><xs:complexType name="O"><xs:sequence><xs:element ref="t:a"/><xs:element name="local" type="t:S"/></xs:sequence><xs:attribute ref="t:x"/></xs:complexType></xs:schema>"#;
    let root = schema_text(
        r#"<xs:import namespace="urn:o" schemaLocation="other.xsd"/><xs:import namespace="urn:unused"/><xs:import schemaLocation="missing-and-not-needed.xsd"/><xs:element name="a" type="xs:int"/><xs:attribute name="x" type="xs:int"/><xs:simpleType name="S"><xs:restriction base="xs:int"/></xs:simpleType><xs:complexType name="T"><xs:sequence><xs:element ref="o:o" xmlns:o="urn:o"/></xs:sequence></xs:complexType>"#,
    );
    let schema = import_all(&[("t.xsd", &root), ("other.xsd", other)]).unwrap();
    assert_eq!(&*schema.namespace, "urn:t");
    same(
        &schema,
        "a: int
         {urn:o}o: O
         @x:int
         T = ({urn:o}o)
         O = (a:int {}local:S) @x:int
         S = int[]",
    );
}

#[test]
fn no_namespace_at_all() {
    let text = r#"<schema xmlns="http://www.w3.org/2001/XMLSchema"><xs:element xmlns:xs="http://www.w3.org/2001/XMLSchema" name="a" type="xs:int"/></schema>"#;
    let schema = import_all(&[("t.xsd", text)]).unwrap();
    assert_eq!(&*schema.namespace, "");
    same(&schema, "{}a: int");
}

#[test]
fn lines_are_those_of_the_file() {
    let schema = import_text("\n<xs:element\n name=\"a\">\n<xs:complexType><xs:sequence>\n<xs:element name=\"b\"/></xs:sequence></xs:complexType></xs:element>").unwrap();
    let lines: Vec<_> = schema
        .elements
        .iter()
        .map(|element| element.origin.line)
        .collect();
    assert_eq!(lines, [3, 6]);
    assert_eq!(&*schema.elements[0].origin.file, "t.xsd");
}

#[test]
fn importing_twice_gives_the_same_schema() {
    let text = r#"<xs:element name="a" type="T"/><xs:complexType name="T"><xs:sequence><xs:element name="b"><xs:complexType><xs:attribute name="x"/></xs:complexType></xs:element></xs:sequence></xs:complexType>"#;
    let one = format!("{:?}", import_text(text).unwrap());
    let two = format!("{:?}", import_text(text).unwrap());
    assert_eq!(one, two);
}
