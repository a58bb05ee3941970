//! `hawiya config`: checks the settings, and lists every one there is.

use std::io::{IsTerminal, Write, stdout};

use chassis::{Settings, settings::variable};

use crate::{
    Done,
    cli::{self, ConfigFormat, Service},
    settings::{Reader, SettingRow, SettingsFile, rows, short},
    sink::layout,
};

/// Whoever would read the settings reads them, and fails as it would when it is run.
pub(super) fn run(command: &cli::Config, file: &SettingsFile) -> anyhow::Result<Done> {
    let readers = Reader::ALL.into_iter().filter(|reader| concerns(*reader, command.service));
    for reader in readers {
        let service = if let Reader::Service(service) = reader { Some(service) } else { None };
        let read = with_settings(file, service, |settings| reader.read(settings));
        read.map_err(|error| file.located(error.into(), service))?;
    }
    if command.print {
        print(command, with_settings(file, command.service, rows))?;
    }
    Ok(Done::All)
}

fn concerns(reader: Reader, service: Option<Service>) -> bool {
    service.is_none_or(|service| reader == Reader::Service(service))
}

/// Calls `read` with the settings of a process, as it has them when it is run with this file.
fn with_settings<T>(
    file: &SettingsFile,
    service: Option<Service>,
    read: impl FnOnce(&Settings<'_>) -> T,
) -> T {
    let values = file.values(service);
    read(&Settings::new(&|name| variable(name).or_else(|| values.get(name).cloned())))
}

fn print(command: &cli::Config, mut rows: Vec<SettingRow>) -> anyhow::Result<()> {
    if let Some(service) = command.service {
        rows.retain(|row| row.readers.contains(&service.name()));
    }
    let is_terminal = stdout().is_terminal();
    let default = if is_terminal { ConfigFormat::Table } else { ConfigFormat::Json };
    let mut text = match command.format.unwrap_or(default) {
        ConfigFormat::Table => table(&rows),
        ConfigFormat::Json => serde_json::to_string_pretty(&rows)?,
        ConfigFormat::Markdown => markdown(&rows),
        ConfigFormat::Env => rows.iter().map(variable_lines).collect::<Vec<_>>().join("\n"),
    };
    text.truncate(text.trim_end().len());
    Ok(writeln!(stdout().lock(), "{text}")?)
}

fn table(rows: &[SettingRow]) -> String {
    let title = ["SETTING", "VALUE", "READ BY", "DEFAULT", "EXPECTED", "MEANING"];
    let row = |row: &SettingRow| {
        let value = row.value.as_deref().unwrap_or("-");
        let default = row.default.as_deref().unwrap_or("-");
        let cells = [row.name, value, &short(&row.readers), default, row.expected, row.meaning];
        cells.map(str::to_owned).to_vec()
    };
    let title = std::iter::once(title.map(str::to_owned).to_vec());
    layout(&title.chain(rows.iter().map(row)).collect::<Vec<_>>()).join("\n")
}

fn markdown(rows: &[SettingRow]) -> String {
    let mut text =
        "| Setting | Default | Read by | A value is | Meaning |\n|---|---|---|---|---|\n"
            .to_owned();
    for row in rows {
        let default = row.default.as_deref().unwrap_or("unset");
        let cells =
            [&format!("`{}`", row.name), default, &short(&row.readers), row.expected, row.meaning];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}

fn variable_lines(row: &SettingRow) -> String {
    let SettingRow { name, expected, meaning, .. } = row;
    let set = match (&row.value, &row.default) {
        // Hidden, wholly or in part: a line that could be read back would be wrong.
        (Some(value), _) if value.contains('…') => format!("# {name} is set and not shown"),
        (Some(value), _) => format!("{name}={value}"),
        // Several defaults, each with its readers.
        (None, Some(default)) if default.contains(" (") => format!("# {name} is {default}"),
        (None, Some(default)) => format!("# {name}={default}"),
        (None, None) => format!("# {name}="),
    };
    format!("# {meaning}\n# {}: {expected}\n{set}\n", short(&row.readers))
}
