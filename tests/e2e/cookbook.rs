//! Packages of the Integration Services Cookbook that run on tables of a few columns, as `dtexec`
//! runs them, on SQLite in the place of SQL Server.

use std::path::{Path, PathBuf};

use crate::support::{Ran, Soctl, corpus};

const BOOK: &str = "PacktPublishing__SQL-Server-2017-Integration-Services-Cookbook";

/// Files of chapter 6, and where its packages look for them.
const FILES: &str = r"C:\SSIS2016Cookbook\Chapter06\Files";

struct Kitchen {
    soctl: Soctl,
    chapter: PathBuf,
}

impl Kitchen {
    fn open() -> Option<Self> {
        let chapter = corpus::folder()?.join(BOOK).join("Chapter06");
        let soctl = Soctl::new();
        let home = soctl.home();
        let at = |name: &str| {
            let place = home.join(name).display().to_string();
            format!("Provider=SQLite;Mode=ReadWriteCreate;Data Source={place}")
        };
        let settings = serde_json::json!({
            "ConnectionMap": { "SSISCOOKBOOK": at("log.db"), "./AdventureWorks2014": at("works") },
            "PathMappings": { FILES: chapter.join("Files") },
        });
        std::fs::create_dir(home.join("works")).unwrap();
        std::fs::write(home.join("settings.json"), settings.to_string()).unwrap();
        Some(Self { soctl, chapter })
    }

    fn dtexec(&self, arguments: &[&str]) -> Ran {
        let mut command = self
            .soctl
            .command_of(env!("CARGO_BIN_EXE_dtexec"), arguments);
        command.env("DTEXEC_SETTINGS", self.soctl.home().join("settings.json"));
        Ran::from(command.output().unwrap())
    }

    fn database(&self, name: &str) -> rusqlite::Connection {
        rusqlite::Connection::open(self.soctl.home().join(name)).unwrap()
    }
}

#[test]
fn a_package_of_a_project_file_writes_its_log_table() {
    let Some(kitchen) = Kitchen::open() else {
        return;
    };
    let database = kitchen.database("log.db");
    database
        .execute_batch("CREATE TABLE CustomLogging (LogID int)")
        .unwrap();
    let project = kitchen.chapter.join("Files/CustomLogging.ispac");
    let project = project.to_str().unwrap();
    kitchen
        .dtexec(&[
            "/Proj",
            project,
            "/Pack",
            "CustomLogging.dtsx",
            "/Rep",
            "EW",
        ])
        .reports(0, &["DTSER_SUCCESS (0)"]);
    let sum = "SELECT COUNT(*) || ' ' || SUM(LogID) FROM CustomLogging";
    let sum: String = database.query_row(sum, [], |row| row.get(0)).unwrap();
    assert_eq!(sum, "2 3");
}

/// Names of clients, in UTF-16 below a heading.
fn clients(file: &Path) -> Vec<String> {
    let bytes = std::fs::read(file).unwrap();
    let units = bytes.chunks_exact(2).skip(1);
    let units: Vec<u16> = units
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let text = String::from_utf16(&units).unwrap();
    let lines = text.lines().skip(1).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// The tables of persons and vendors that clients are looked up in.
fn fill(kitchen: &Kitchen, clients: &[String]) {
    let mut persons = kitchen.database("works/person.db");
    let mut vendors = kitchen.database("works/purchasing.db");
    let persons = persons.transaction().unwrap();
    let vendors = vendors.transaction().unwrap();
    persons
        .execute_batch("CREATE TABLE Person (BusinessEntityID int, LastName nvarchar(50), MiddleName nvarchar(50), FirstName nvarchar(50))")
        .unwrap();
    vendors
        .execute_batch("CREATE TABLE Vendor (BusinessEntityID int, Name nvarchar(50))")
        .unwrap();
    for (id, name) in (0_u32..).zip(clients) {
        let Some((family, first)) = name.split_once(", ") else {
            vendors
                .execute("INSERT INTO Vendor VALUES (?, ?)", (id, name))
                .unwrap();
            continue;
        };
        let (last, middle) = match family.rsplit_once(' ') {
            Some((last, middle)) => (last, Some(middle)),
            None => (family, None),
        };
        let person = (id, last, middle, first);
        persons
            .execute("INSERT INTO Person VALUES (?, ?, ?, ?)", person)
            .unwrap();
    }
    persons.commit().unwrap();
    vendors.commit().unwrap();
    kitchen
        .database("works/dbo.db")
        .execute_batch("CREATE TABLE ResolvedClient (ClientName nvarchar(256), BusinessEntityID int, IsPerson bit)")
        .unwrap();
}

#[test]
fn lookups_behind_each_other_from_a_cache_and_by_expression_resolve_clients() {
    let Some(kitchen) = Kitchen::open() else {
        return;
    };
    let files = kitchen.chapter.join("Files");
    let all = clients(&files.join("Clients.csv"));
    fill(&kitchen, &all);
    let resolved = kitchen.database("works/dbo.db");
    // The package asks for persons between the letters of a file's name and `Z`s, byte by byte here.
    let parts = [("A", "H"), ("H", "R"), ("R", "Z")];
    let between = |(first, last): (&str, &str)| {
        let most = format!("{last}{}", "Z".repeat(255));
        let names = clients(&files.join(format!("Clients_{first}-{last}.csv")));
        let found = names.iter().filter(|name| {
            !name.contains(", ") || (first <= name.as_str() && name.as_str() <= most.as_str())
        });
        found.count()
    };
    let by_letter: usize = parts.into_iter().map(between).sum();
    assert!(by_letter < all.len() && all.len() / 2 < by_letter);
    for (name, found) in [
        ("CascadingLookup", all.len()),
        ("LookupCache", all.len()),
        ("LookupExpression", by_letter),
    ] {
        let package = kitchen
            .chapter
            .join(format!("Solution/AdventureWorksETL/{name}.dtsx"));
        kitchen
            .dtexec(&["/F", package.to_str().unwrap(), "/Rep", "EW"])
            .reports(0, &["DTSER_SUCCESS (0)"]);
        let rows = "SELECT ClientName, BusinessEntityID, IsPerson FROM ResolvedClient";
        let mut rows = resolved.prepare(rows).unwrap();
        let rows = rows.query_map([], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, Option<u32>>(1)?,
                row.get::<_, Option<bool>>(2)?,
            ))
        });
        let rows: Vec<_> = rows.unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), all.len(), "{name}");
        let known = rows.iter().filter(|(_, id, _)| id.is_some());
        assert_eq!(known.clone().count(), found, "{name}");
        for (client, id, is_person) in known {
            assert_eq!(&all[id.unwrap() as usize], client, "{name}");
            assert_eq!(*is_person, Some(client.contains(", ")), "{name}");
        }
    }
}
