//! Which column of a list means what, by flags, by a TOML file, or by the titles of the columns.

use std::{
    collections::{BTreeMap, HashMap},
    fmt, fs,
    str::FromStr,
};

use anyhow::Context;
use registry::{
    Entity,
    entity::{EntityType, NameKind},
};
use serde::Deserialize;

use super::{
    Problem, countries, dates,
    draft::{EntityDraft, gender_of},
    schemes,
};
use crate::{Usage, cli::MappingArguments};

/// Between the values of one cell where nothing else is said, as `hawiya export` writes them.
pub(crate) const SEPARATOR: char = '|';

/// What a mapping says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mapping {
    /// Columns, or keys of JSON lines, and what they mean.
    columns: Vec<(Field, String)>,
    /// What every entity has.
    values: Vec<(Field, String)>,
    /// The types that words of the list mean.
    types: HashMap<String, EntityType>,
    separator: Option<String>,
    id_prefix: String,
    schemes: Vec<String>,
}

/// What a column can mean.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    Id,
    Type,
    Name { kind: NameKind, language: String },
    Country,
    Gender,
    BirthDate,
    FoundingDate,
    Description,
    Prominence,
    Dataset,
    ExternalIds,
    External { scheme: String },
    Attribute { key: String },
}

/// The mapping file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MappingFile {
    #[serde(default)]
    columns: BTreeMap<String, Columns>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default)]
    types: HashMap<String, EntityType>,
    separator: Option<String>,
    #[serde(default)]
    id_prefix: String,
    #[serde(default)]
    schemes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Columns {
    One(String),
    Several(Vec<String>),
}

impl Mapping {
    /// What the arguments say; flags add to the file.
    pub(crate) fn read(arguments: &MappingArguments) -> anyhow::Result<Self> {
        let mut mapping = match &arguments.mapping {
            Some(path) => {
                let shown = path.display();
                let text =
                    fs::read_to_string(path).with_context(|| format!("cannot open `{shown}`"))?;
                Self::parse(&text).map_err(|error| Usage(format!("`{shown}`: {error:#}")))?
            }
            None => Self::default(),
        };
        for argument in &arguments.map {
            mapping.columns.push(pair("--map", argument)?);
        }
        for argument in &arguments.set {
            mapping.values.push(pair("--set", argument)?);
        }
        mapping.separator = arguments.separator.clone().or(mapping.separator);
        if let Some(prefix) = &arguments.id_prefix {
            mapping.id_prefix.clone_from(prefix);
        }
        mapping.schemes.extend(arguments.schemes.iter().cloned());
        Ok(mapping)
    }

    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let file: MappingFile = toml::from_str(text)?;
        let mut columns = Vec::new();
        for (field, names) in file.columns {
            let field: Field = field.parse()?;
            let names = match names {
                Columns::One(name) => vec![name],
                Columns::Several(names) => names,
            };
            columns.extend(names.into_iter().map(|name| (field.clone(), name)));
        }
        let value = |(field, value): (String, String)| Ok((field.parse()?, value));
        let values = file.values.into_iter().map(value).collect::<anyhow::Result<_>>()?;
        let MappingFile { types, separator, id_prefix, schemes, .. } = file;
        Ok(Self { columns, values, types, separator, id_prefix, schemes })
    }

    /// Whether it says nothing about columns.
    pub(crate) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The mapping for a file with columns of these titles; JSON lines have none.
    pub(super) fn reading(&self, titles: Option<&[String]>) -> anyhow::Result<Reading> {
        let mut mapping = self.clone();
        if mapping.columns.is_empty() {
            mapping.separator.get_or_insert_with(|| SEPARATOR.to_string());
            let by_title = |title: &String| Some((Field::of_title(title)?, title.clone()));
            mapping.columns = titles.unwrap_or_default().iter().filter_map(by_title).collect();
        }
        mapping.check(titles)?;
        let (fields, columns) = mapping.columns.drain(..).unzip();
        Ok(Reading { fields, columns, mapping })
    }

    fn check(&self, titles: Option<&[String]>) -> Result<(), Usage> {
        let has =
            |wanted: &str| titles.is_none_or(|titles| titles.iter().any(|title| title == wanted));
        let shown = || titles.unwrap_or_default().join("`, `");
        if let Some((_, missing)) = self.columns.iter().find(|(_, column)| !has(column)) {
            return Err(Usage(format!("no column `{missing}`: the file has `{}`", shown())));
        }
        let all = || self.columns.iter().chain(&self.values).map(|(field, _)| field);
        let cure = |what, example| {
            Usage(format!(
                "no column is mapped to {what}: say `--map {example}=COLUMN`; the file has `{}`",
                shown()
            ))
        };
        if !self.columns.iter().any(|(field, _)| *field == Field::Id) {
            return Err(cure("the id", "id"));
        }
        if !all().any(|field| matches!(field, Field::Name { .. })) {
            return Err(cure("a name", "name"));
        }
        if !all().any(|field| *field == Field::Type) {
            return Err(Usage(
                "nothing says the type: say `--set type=TYPE` or `--map type=COLUMN`".into(),
            ));
        }
        Ok(())
    }
}

/// Reads `FIELD=TEXT`.
fn pair(flag: &str, argument: &str) -> Result<(Field, String), Usage> {
    let refused = |error: String| Usage(format!("{flag} is `{argument}`: {error}"));
    let (field, text) =
        argument.split_once('=').ok_or_else(|| refused("expected FIELD=TEXT".to_owned()))?;
    let field = field.parse().map_err(|error: UnknownField| refused(error.to_string()))?;
    Ok((field, text.to_owned()))
}

/// No such field.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is no field: expected id, type, name, alias, former, acronym or nickname (with a language: \
     name.ar), country, gender, birth_date, founding_date, description, prominence, dataset, \
     external_ids, external.SCHEME or attribute.KEY"
)]
struct UnknownField(String);

impl FromStr for Field {
    type Err = UnknownField;

    fn from_str(text: &str) -> Result<Self, UnknownField> {
        let (field, detail) = text.split_once('.').unwrap_or((text, ""));
        let name = |kind| Self::Name { kind, language: detail.to_owned() };
        let field = match (field, detail) {
            ("name" | "primary", _) => name(NameKind::Primary),
            ("alias" | "aliases", _) => name(NameKind::Alias),
            ("former", _) => name(NameKind::Former),
            ("acronym", _) => name(NameKind::Acronym),
            ("nickname", _) => name(NameKind::Nickname),
            ("external", scheme) if !scheme.is_empty() => {
                Self::External { scheme: scheme.to_owned() }
            }
            ("attribute", key) if !key.is_empty() => Self::Attribute { key: key.to_owned() },
            ("id", "") => Self::Id,
            ("type", "") => Self::Type,
            ("country", "") => Self::Country,
            ("gender", "") => Self::Gender,
            ("birth_date", "") => Self::BirthDate,
            ("founding_date", "") => Self::FoundingDate,
            ("description", "") => Self::Description,
            ("prominence", "") => Self::Prominence,
            ("dataset", "") => Self::Dataset,
            ("external_ids", "") => Self::ExternalIds,
            _ => return Err(UnknownField(text.to_owned())),
        };
        Ok(field)
    }
}

impl Field {
    /// What a column of this title means when nobody says: fields by their names, and `name_ar` for
    /// `name.ar`.
    fn of_title(title: &str) -> Option<Self> {
        let field = title.to_lowercase();
        let dotted = || {
            let (name, language) = field.split_once('_')?;
            let field: Self = format!("{name}.{language}").parse().ok()?;
            matches!(field, Self::Name { .. }).then_some(field)
        };
        field.parse().ok().or_else(dotted)
    }

    /// Whether a cell may hold several values.
    fn is_list(&self) -> bool {
        match self {
            Self::Name { kind, .. } => *kind != NameKind::Primary,
            Self::ExternalIds | Self::External { .. } => true,
            _ => false,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Id => "canonical_id",
            Self::Type => "type",
            Self::Name { .. } => "names",
            Self::Country => "country",
            Self::Gender => "gender",
            Self::BirthDate => "birth_date",
            Self::FoundingDate => "founding_date",
            Self::Description => "description",
            Self::Prominence => "prominence",
            Self::Dataset => "dataset",
            Self::ExternalIds | Self::External { .. } => "external_ids",
            Self::Attribute { .. } => "attributes",
        })
    }
}

/// A mapping for one file.
pub(super) struct Reading {
    fields: Vec<Field>,
    /// The columns that are read, in the order in which `entity` takes their values.
    pub(super) columns: Vec<String>,
    mapping: Mapping,
}

impl Reading {
    /// The entity of a row: the values of each column.
    pub(super) fn entity(&self, values: &[Vec<String>]) -> Result<Entity, Vec<Problem>> {
        let mut draft = EntityDraft::new("", EntityType::Other);
        for (field, value) in &self.mapping.values {
            self.take(&mut draft, field, value);
        }
        for (field, values) in self.fields.iter().zip(values) {
            for value in values {
                self.take_cell(&mut draft, field, value);
            }
        }
        draft.finish()
    }

    fn take_cell(&self, draft: &mut EntityDraft, field: &Field, cell: &str) {
        match &self.mapping.separator {
            Some(separator) if field.is_list() => {
                cell.split(separator.as_str()).for_each(|value| self.take(draft, field, value));
            }
            _ => self.take(draft, field, cell),
        }
    }

    fn take(&self, draft: &mut EntityDraft, field: &Field, value: &str) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        if let Err(error) = self.try_take(draft, field, value) {
            draft.problem(field.to_string(), error);
        }
    }

    fn try_take(&self, draft: &mut EntityDraft, field: &Field, value: &str) -> Result<(), String> {
        match field {
            Field::Id => draft.id(&format!("{}{value}", self.mapping.id_prefix)),
            Field::Type => draft.set_type(self.type_of(value)?),
            Field::Name { kind, language } => draft.name(value, language, *kind),
            Field::Country => draft.country(&[country_of(value)?]),
            Field::Gender => draft.gender(Some(
                gender_of(value)
                    .ok_or_else(|| format!("is `{value}`: expected female, male or other"))?,
            )),
            Field::BirthDate => draft.birth_date(date_of(value)?),
            Field::FoundingDate => draft.founding_date(date_of(value)?),
            Field::Description => draft.description(value),
            Field::Prominence => draft.prominence(
                value
                    .parse()
                    .map_err(|_| format!("is `{value}`: expected a number from 0 to 1"))?,
            ),
            Field::Dataset => draft.dataset(value),
            Field::ExternalIds => {
                let (scheme, value) = schemes::parse(value, &self.mapping.schemes)?;
                draft.external_id(scheme, value);
            }
            Field::External { scheme } => draft.external_id(scheme, value),
            Field::Attribute { key } => draft.attribute(key, value),
        }
        Ok(())
    }

    fn type_of(&self, value: &str) -> Result<EntityType, String> {
        let mapped = self.mapping.types.get(value).copied();
        let by_name = || serde_json::from_value(value.to_lowercase().into()).ok();
        mapped.or_else(by_name).ok_or_else(|| {
            let known = crate::commands::TYPE_NAMES.map(|(_, name)| name).join(", ");
            format!("is `{value}`: expected one of {known}, or a word of [types] in a mapping file")
        })
    }
}

fn country_of(value: &str) -> Result<&'static str, String> {
    let by_code = || countries::code(&value.to_uppercase()).filter(|_| value.len() == 2);
    countries::code(value).or_else(by_code).ok_or_else(|| {
        format!("is `{value}`, which is no country that is known: give its ISO 3166-1 code")
    })
}

fn date_of(value: &str) -> Result<registry::PartialDate, String> {
    dates::parse(value).ok_or_else(|| {
        format!("is `{value}`, which is no date, or could be two: write it as `1950-03-21`, `1950-03` or `1950`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn titles(titles: &str) -> Vec<String> {
        titles.split(',').map(str::to_owned).collect()
    }

    fn check(mapping: &Mapping, columns: &str, row: &[&str], expected: Expect) {
        let titles = titles(columns);
        let reading = mapping.reading(Some(&titles)).unwrap();
        let at = |column: &String| titles.iter().position(|title| title == column).unwrap();
        let values: Vec<_> =
            reading.columns.iter().map(|column| vec![row[at(column)].to_owned()]).collect();
        match reading.entity(&values) {
            Ok(entity) => expected.assert_eq(&serde_json::to_string(&entity).unwrap()),
            Err(problems) => {
                let line = |problem: Problem| format!("{}: {}\n", problem.field, problem.error);
                expected.assert_eq(&problems.into_iter().map(line).collect::<String>());
            }
        }
    }

    const FILE: &str = r#"
        separator = ";"
        id_prefix = "acme:"
        schemes = ["acme"]
        [columns]
        id = "ref"
        type = "kind"
        name = "title"
        "name.ar" = "title_ar"
        alias = ["aka", "also"]
        country = "flag"
        founding_date = "built"
        external_ids = "ids"
        "external.imo" = "imo"
        "attribute.owner" = "owner"
        [types]
        Schiff = "vessel"
    "#;

    const COLUMNS: &str = "ref,kind,title,title_ar,aka,also,flag,built,ids,imo,owner";

    #[test]
    fn a_mapping_file_says_which_column_means_what() {
        check(
            &Mapping::parse(FILE).unwrap(),
            COLUMNS,
            &[
                "7",
                "Schiff",
                "Sea Star",
                "نجمة البحر",
                "Star; Estrella",
                "",
                "Panama",
                "1999",
                "acme:9",
                "1234567",
                "Acme Ltd",
            ],
            expect![[
                r#"{"id":"acme:7","type":"vessel","country":"PA","founding_date":"1999","names":[{"text":"Star","script":"Latn","kind":"alias"},{"text":"Estrella","script":"Latn","kind":"alias"},{"text":"Sea Star","script":"Latn","kind":"primary"},{"text":"نجمة البحر","language":"ar","script":"Arab","kind":"alias"}],"external_ids":[{"scheme":"imo","value":"1234567"},{"scheme":"acme","value":"9"}],"attributes":{"owner":"Acme Ltd"}}"#
            ]],
        );
    }

    #[test]
    fn every_cell_that_cannot_be_read_is_told() {
        check(
            &Mapping::parse(FILE).unwrap(),
            COLUMNS,
            &["7", "Boot", "", "", "", "", "Atlantis", "03/04/1950", "wikdata:Q1", "", ""],
            expect![[r#"
                country: is `Atlantis`, which is no country that is known: give its ISO 3166-1 code
                external_ids: has the unknown scheme `wikdata`: if it is meant, say `--scheme wikdata`
                founding_date: is `03/04/1950`, which is no date, or could be two: write it as `1950-03-21`, `1950-03` or `1950`
                type: is `Boot`: expected one of person, organization, location, country, city, vessel, aircraft, event, product, other, or a word of [types] in a mapping file
                names: is empty: give at least one item
            "#]],
        );
    }

    #[test]
    fn columns_that_are_called_like_fields_need_no_mapping() {
        check(
            &Mapping::default(),
            "id,Type,name,name_ar,aliases,country,gender,birth_date,external_ids,notes",
            &[
                "a",
                "Person",
                "Ali",
                "علي",
                "Aly|Alee",
                "iq",
                "m",
                "14 Jun 1975",
                "wikidata:Q1",
                "x",
            ],
            expect![[
                r#"{"id":"a","type":"person","country":"IQ","gender":"male","birth_date":"1975-06-14","names":[{"text":"Ali","script":"Latn","kind":"primary"},{"text":"علي","language":"ar","script":"Arab","kind":"alias"},{"text":"Aly","script":"Latn","kind":"alias"},{"text":"Alee","script":"Latn","kind":"alias"}],"external_ids":[{"scheme":"wikidata","value":"Q1"}]}"#
            ]],
        );
    }

    #[test]
    fn what_is_missing_is_told_with_the_cure() {
        let refused = |mapping: &str, columns: &str| {
            let reading = Mapping::parse(mapping).unwrap().reading(Some(&titles(columns)));
            reading.err().unwrap().to_string()
        };
        let expected = expect![[r#"
            no column is mapped to the id: say `--map id=COLUMN`; the file has `ref`, `title`
            no column is mapped to a name: say `--map name=COLUMN`; the file has `ref`, `title`
            nothing says the type: say `--set type=TYPE` or `--map type=COLUMN`
            no column `x`: the file has `ref`, `title`"#]];
        let told = [
            refused("", "ref,title"),
            refused("columns.id = 'ref'", "ref,title"),
            refused("columns.id = 'ref'\ncolumns.name = 'title'", "ref,title"),
            refused("columns.id = 'x'", "ref,title"),
        ];
        expected.assert_eq(&told.join("\n"));
        let unknown = Mapping::parse("columns.nmae = 'x'").err().unwrap().to_string();
        assert!(unknown.starts_with("`nmae` is no field: expected id,"), "{unknown}");
    }
}
