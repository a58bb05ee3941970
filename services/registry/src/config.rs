//! What the registry is started with.

use std::{fmt, path::PathBuf, str::FromStr};

use cache::CacheConfig;
use chassis::{ServerConfig, SettingError, Settings, settings::Setting};
use sqlx::{ConnectOptions, postgres::PgConnectOptions};

/// Where the catalogue is kept when `DATABASE_URL` is unset, below `HAWIYA_DATA_DIR`.
const FILE_NAME: &str = "catalogue.db";

/// How a registry is run.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the catalogue is kept.
    pub database: Database,
    /// Entities read often.
    pub cache: CacheConfig,
    /// How the server ends.
    pub server: ServerConfig,
}

impl Config {
    /// Reads `DATABASE_URL`, `HAWIYA_DATA_DIR` and the settings of the server. The cache is left
    /// at its defaults: `REDIS_URL` is the same for all services, so the caller reads it.
    pub fn read(settings: &Settings<'_>) -> Result<Self, SettingError> {
        let folder = settings.get("HAWIYA_DATA_DIR", "hawiya-data".to_owned())?;
        let default = Database::File(PathBuf::from(folder).join(FILE_NAME));
        Ok(Self {
            database: settings.get("DATABASE_URL", default)?,
            cache: CacheConfig::default(),
            server: ServerConfig::read(settings)?,
        })
    }
}

/// Where a catalogue is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// In a file of SQLite; it and its folder are made when they are not there.
    File(PathBuf),
    /// In memory, gone with the process.
    Memory,
    /// In a database of a PostgreSQL server, which other registries may share.
    Postgres(PostgresUrl),
}

/// Where a PostgreSQL server is and who asks; shows itself without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(String);

impl PostgresUrl {
    /// A URL that can be read, or nothing.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let known = url.starts_with("postgres://") || url.starts_with("postgresql://");
        (known && PgConnectOptions::from_str(url).is_ok()).then(|| Self(url.to_owned()))
    }

    /// How to connect.
    pub(crate) fn options(&self) -> PgConnectOptions {
        PgConnectOptions::from_str(&self.0)
            .expect("the constructor has read it")
            .disable_statement_logging()
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("postgres://…")
    }
}

impl Setting for Database {
    const EXPECTED: &'static str = "`sqlite:///path/to/file.db`, `sqlite::memory:` or \
        `postgres://user@host/database`";

    fn parse(value: &str) -> Option<Self> {
        if value == "sqlite::memory:" {
            return Some(Self::Memory);
        }
        if let Some(url) = PostgresUrl::parse(value) {
            return Some(Self::Postgres(url));
        }
        let path = value.strip_prefix("sqlite://").filter(|path| !path.is_empty())?;
        // Options of a url would be silently lost: this registry sets them all itself.
        (!path.contains('?')).then(|| Self::File(PathBuf::from(path)))
    }

    /// The scheme: the rest of a url may hold a password.
    fn shown(value: &str) -> String {
        value.split_once("://").map_or("…".to_owned(), |(scheme, _)| format!("{scheme}://…"))
    }

    fn written(&self) -> Option<String> {
        match self {
            Self::File(path) => Some(format!("sqlite://{}", path.display())),
            Self::Memory => Some("sqlite::memory:".to_owned()),
            // No default has a password, and one that had would not be shown.
            Self::Postgres(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(url: Option<&str>, expected: Expect) {
        let lookup = |name: &str| url.filter(|_| name == "DATABASE_URL").map(str::to_owned);
        match Config::read(&Settings::new(&lookup)) {
            Ok(config) => expected.assert_eq(&format!("{:?}", config.database)),
            Err(error) => expected.assert_eq(&error.to_string()),
        }
    }

    #[test]
    fn a_database_is_a_file_or_memory() {
        check(None, expect![[r#"File("hawiya-data/catalogue.db")"#]]);
        check(Some("sqlite:///var/lib/a.db"), expect![[r#"File("/var/lib/a.db")"#]]);
        check(Some("sqlite://a.db"), expect![[r#"File("a.db")"#]]);
        check(Some("sqlite::memory:"), expect!["Memory"]);
    }

    #[test]
    fn a_server_is_taken_without_showing_its_password() {
        check(Some("postgres://hawiya:hunter2@db/hawiya"), expect!["Postgres(postgres://…)"]);
        check(Some("postgresql:///hawiya?host=/run/postgresql"), expect!["Postgres(postgres://…)"]);
        check(
            Some("postgres://hawiya:hunter2@db:port/hawiya"),
            expect![
                "DATABASE_URL is `postgres://…`: expected `sqlite:///path/to/file.db`, `sqlite::memory:` or `postgres://user@host/database`"
            ],
        );
    }

    #[test]
    fn options_of_a_file_are_refused() {
        check(
            Some("sqlite://a.db?mode=ro"),
            expect![
                "DATABASE_URL is `sqlite://…`: expected `sqlite:///path/to/file.db`, `sqlite::memory:` or `postgres://user@host/database`"
            ],
        );
    }
}
