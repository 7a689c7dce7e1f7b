//! Opens what is encrypted with a password: single values, and whole files.
//!
//! A package has `EncryptedData` of the XML encryption standard in place of an element, or, for the
//! value of a parameter, in it. The other files of a project keep the element and have its encrypted
//! text inside.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::PackageError;
use super::node::Node;
use super::password::{Cipher, PackagePassword};
use super::xml::{self, Element};

/// Puts everything below `root` in place that the password opens; `origin` names the file in errors.
/// What another machine's key would open stays as it is.
pub(crate) fn open(
    root: &mut Element,
    origin: &str,
    password: &PackagePassword,
) -> Result<(), PackageError> {
    if root.name == "EncryptedData" && root.attribute("Salt").is_some() {
        *root = open_data(root, origin, password)?;
    }
    open_below(root, origin, password)
}

fn open_below(
    element: &mut Element,
    origin: &str,
    password: &PackagePassword,
) -> Result<(), PackageError> {
    if element.name != "EncryptedData" && element.attribute("Salt").is_some() {
        return open_in_place(element, origin, password);
    }
    for index in 0..element.children.len() {
        let child = &mut element.children[index];
        if child.name != "EncryptedData" || child.attribute("Salt").is_none() {
            open_below(child, origin, password)?;
            continue;
        }
        let opened = open_data(child, origin, password)?;
        if opened.name == element.name && element.children.len() == 1 {
            *element = opened;
            return Ok(());
        }
        element.children[index] = opened;
    }
    Ok(())
}

/// An element whose text is the whole element, encrypted.
fn open_in_place(
    element: &mut Element,
    origin: &str,
    password: &PackagePassword,
) -> Result<(), PackageError> {
    let sealed = Sealed::of(element, &element.text, origin)?;
    let opened = sealed.open(element, origin, password)?;
    element.text = opened.text;
    element.children = opened.children;
    element
        .attributes
        .retain(|(name, _)| !matches!(name.as_str(), "Salt" | "IV" | "Algorithm"));
    Ok(())
}

/// The element that an `EncryptedData` stands for.
fn open_data(
    data: &Element,
    origin: &str,
    password: &PackagePassword,
) -> Result<Element, PackageError> {
    let value = data
        .child("CipherData")
        .and_then(|cipher| cipher.child("CipherValue"));
    let text = value.map_or("", |value| value.text.as_str());
    let mut sealed = Sealed::of(data, text, origin)?;
    // Here the data has its vector in front.
    sealed
        .data
        .drain(..sealed.cipher.block_length().min(sealed.data.len()));
    sealed.open(data, origin, password)
}

/// What is encrypted, with all that is needed to open it but the password.
struct Sealed {
    cipher: Cipher,
    salt: Vec<u8>,
    /// With the initialization vector in front.
    data: Vec<u8>,
}

impl Sealed {
    fn of(element: &Element, text: &str, origin: &str) -> Result<Self, PackageError> {
        let damaged = |what: &str| PackageError::EncryptionUnknown {
            place: Node::new(origin, element).place(),
            what: what.to_owned(),
        };
        let bytes = |text: &str, what: &str| {
            let text: String = text.split_whitespace().collect();
            STANDARD.decode(text).map_err(|_| damaged(what))
        };
        let attribute = |name: &str| element.attribute(name).unwrap_or_default();
        let vector = bytes(attribute("IV"), "its `IV` is not base64")?;
        let method = element
            .child("EncryptionMethod")
            .and_then(|method| method.attribute("Algorithm"))
            .or_else(|| element.attribute("Algorithm"));
        let cipher = match (vector.len(), method.map(str::to_ascii_lowercase)) {
            (8, None) => Cipher::TripleDes,
            (16, None) => Cipher::Aes256,
            (8, Some(name)) if name.contains("tripledes") || name.contains("3des") => {
                Cipher::TripleDes
            }
            (16, Some(name)) if name.contains("aes") => Cipher::Aes256,
            (length, name) => {
                let name = name.unwrap_or_default();
                return Err(damaged(&format!(
                    "algorithm `{name}` with a vector of {length} bytes"
                )));
            }
        };
        let mut data = vector;
        data.extend(bytes(text, "its content is not base64")?);
        Ok(Self {
            cipher,
            salt: bytes(attribute("Salt"), "its `Salt` is not base64")?,
            data,
        })
    }

    /// The element inside; a wrong password gives bytes that are none.
    fn open(
        &self,
        element: &Element,
        origin: &str,
        password: &PackagePassword,
    ) -> Result<Element, PackageError> {
        let wrong = || PackageError::WrongPassword {
            place: Node::new(origin, element).place(),
        };
        let plain = password.decrypt(self.cipher, &self.salt, &self.data);
        let mut opened = xml::read(&plain.ok_or_else(wrong)?, origin).map_err(|_| wrong())?;
        set_line(&mut opened, element.line);
        Ok(opened)
    }
}

/// Inside, lines are counted anew; messages name the line in the file.
fn set_line(element: &mut Element, line: u32) {
    element.line = line;
    for child in &mut element.children {
        set_line(child, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Explain as _;
    use crate::package::password::tests::encrypt;
    use crate::package::{Package, conmgr, dtsx, params};

    const CIPHERS: [(Cipher, &str); 2] = [
        (
            Cipher::TripleDes,
            "http://www.w3.org/2001/04/xmlenc#tripledes-cbc",
        ),
        (
            Cipher::Aes256,
            "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
        ),
    ];

    fn password(text: &str) -> PackagePassword {
        PackagePassword::new(text).unwrap()
    }

    /// An element as a package has it under the password `right`.
    fn data((cipher, method): (Cipher, &str), element: &str) -> String {
        let vector = vec![9; cipher.block_length()];
        let sealed = encrypt(
            &password("right"),
            cipher,
            b"saltsalt",
            &vector,
            element.as_bytes(),
        );
        format!(
            "<EncryptedData Type=\"http://www.w3.org/2001/04/xmlenc#Element\" Salt=\"{}\" IV=\"{}\" \
             xmlns=\"http://www.w3.org/2001/04/xmlenc#\"><EncryptionMethod Algorithm=\"{method}\" />\
             <CipherData><CipherValue>{}</CipherValue></CipherData></EncryptedData>",
            STANDARD.encode(b"saltsalt"),
            STANDARD.encode(&vector),
            STANDARD.encode(sealed)
        )
    }

    /// Attributes and text of an element as the other files of a project have it.
    fn in_place(cipher: Cipher, element: &str) -> (String, String) {
        let vector = vec![7; cipher.block_length()];
        let plain = format!("\u{feff}{element}");
        let sealed = encrypt(
            &password("right"),
            cipher,
            b"saltsalt",
            &vector,
            plain.as_bytes(),
        );
        let attributes = format!(
            "SSIS:Salt=\"{}\" SSIS:IV=\"{}\"",
            STANDARD.encode(b"saltsalt"),
            STANDARD.encode(&vector)
        );
        (
            attributes,
            STANDARD.encode(&sealed[cipher.block_length()..]),
        )
    }

    const SECRET: &str = "<DTS:Password xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" \
        DTS:Name=\"Password\" Sensitive=\"1\">hush</DTS:Password>";

    fn package(connection: &str, parameter: &str) -> String {
        format!(
            "<DTS:Executable xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:refId=\"Package\" \
             DTS:CreationName=\"Microsoft.Package\" DTS:ExecutableType=\"Microsoft.Package\" \
             DTS:ObjectName=\"p\" DTS:ProtectionLevel=\"2\">\
             <DTS:Property DTS:Name=\"PackageFormatVersion\">8</DTS:Property>\
             <DTS:ConnectionManagers><DTS:ConnectionManager DTS:ObjectName=\"C\" DTS:CreationName=\"OLEDB\" \
             DTS:DTSID=\"{{6583054A-E915-4C2C-80E4-C765E79EF61D}}\"><DTS:ObjectData>\
             <DTS:ConnectionManager DTS:ConnectionString=\"Data Source=x\">{connection}\
             </DTS:ConnectionManager></DTS:ObjectData></DTS:ConnectionManager></DTS:ConnectionManagers>\
             <DTS:PackageParameters><DTS:PackageParameter DTS:ObjectName=\"P\" DTS:DataType=\"8\" \
             DTS:Sensitive=\"True\">{parameter}</DTS:PackageParameter></DTS:PackageParameters>\
             </DTS:Executable>"
        )
    }

    fn read(text: &str, given: Option<&str>) -> Result<Package, PackageError> {
        let given = given.map(password);
        dtsx::read_with_password(text.as_bytes(), "p.dtsx", given.as_ref())
    }

    #[test]
    fn values_of_a_package_open_with_its_password_only() {
        for cipher in CIPHERS {
            let value = "<DTS:Property xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:DataType=\"8\" \
                DTS:Name=\"ParameterValue\" Sensitive=\"1\">psst</DTS:Property>";
            let parameter = format!(
                "<DTS:Property DTS:Name=\"ParameterValue\">{}</DTS:Property>",
                data(cipher, value)
            );
            let text = package(&data(cipher, SECRET), &parameter);
            let opened = read(&text, Some("right")).unwrap();
            let manager = &opened.connection_managers[0];
            assert_eq!(manager.properties["Password"], "hush", "{cipher:?}");
            assert_eq!(opened.parameters[0].value.as_deref(), Some("psst"));
            assert!(opened.notes.is_empty());

            let refused = read(&text, Some("wrong")).unwrap_err();
            assert_eq!(refused.code(), "SO2050", "{refused}");
            assert!(refused.to_string().contains("EncryptedData"), "{refused}");

            let without = read(&text, None).unwrap();
            let codes: Vec<&str> = without.notes.iter().map(|note| note.code).collect();
            assert_eq!(codes, ["SO2052", "SO2052"]);
            assert_eq!(
                without.connection_managers[0].sensitive_missing,
                ["Password"]
            );
            assert_eq!(without.parameters[0].value, None);
        }
    }

    #[test]
    fn a_package_that_is_encrypted_as_a_whole_opens() {
        for cipher in CIPHERS {
            let whole =
                package(SECRET, "").replace("ProtectionLevel=\"2\"", "ProtectionLevel=\"3\"");
            let inside = format!(
                "<DTS:Executable xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:ProtectionLevel=\"3\">{}\
                 </DTS:Executable>",
                data(cipher, &whole)
            );
            for text in [inside, data(cipher, &whole)] {
                let opened = read(&text, Some("right")).unwrap();
                assert_eq!(opened.root.name, "p");
                assert_eq!(read(&text, Some("wrong")).unwrap_err().code(), "SO2050");
                let refused = read(&text, None).unwrap_err();
                assert_eq!(refused.code(), "SO2006");
                assert!(refused.hint().contains("--package-password-file"));
            }
        }
    }

    #[test]
    fn values_of_the_other_files_of_a_project_open() {
        for (cipher, _) in CIPHERS {
            let plain = "<SSIS:Property xmlns:SSIS=\"www.microsoft.com/SqlServer/SSIS\" \
                SSIS:Name=\"Value\" SSIS:Sensitive=\"1\">psst</SSIS:Property>";
            let (attributes, text) = in_place(cipher, plain);
            let file = format!(
                "<SSIS:Parameters xmlns:SSIS=\"www.microsoft.com/SqlServer/SSIS\">\
                 <SSIS:Parameter SSIS:Name=\"P\"><SSIS:Properties>\
                 <SSIS:Property SSIS:Name=\"DataType\">18</SSIS:Property>\
                 <SSIS:Property SSIS:Name=\"Value\" SSIS:Sensitive=\"1\" {attributes}>{text}</SSIS:Property>\
                 </SSIS:Properties></SSIS:Parameter></SSIS:Parameters>"
            );
            let right = password("right");
            let read = |given: Option<&PackagePassword>| {
                params::read_with_notes(file.as_bytes(), "Project.params", given)
            };
            let (opened, notes) = read(Some(&right)).unwrap();
            assert_eq!(opened[0].value.as_deref(), Some("psst"));
            assert!(notes.is_empty());
            assert_eq!(read(Some(&password("wrong"))).unwrap_err().code(), "SO2050");
            let (left_out, notes) = read(None).unwrap();
            assert_eq!(left_out[0].value, None);
            assert_eq!(notes[0].code, "SO2052");

            let (attributes, text) = in_place(cipher, SECRET);
            let file = format!(
                "<DTS:ConnectionManager xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" \
                 xmlns:SSIS=\"www.microsoft.com/SqlServer/SSIS\" DTS:ObjectName=\"C\" \
                 DTS:DTSID=\"{{6583054A-E915-4C2C-80E4-C765E79EF61D}}\" DTS:CreationName=\"OLEDB\">\
                 <DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString=\"Data Source=x\">\
                 <DTS:Password DTS:Name=\"Password\" Sensitive=\"1\" {attributes}>{text}</DTS:Password>\
                 </DTS:ConnectionManager></DTS:ObjectData></DTS:ConnectionManager>"
            );
            let (manager, _) =
                conmgr::read_with_notes(file.as_bytes(), "C.conmgr", Some(&right)).unwrap();
            assert_eq!(manager.properties["Password"], "hush");
        }
    }

    #[test]
    fn what_nobody_writes_is_refused_and_a_user_key_stays_out() {
        let odd = data(CIPHERS[0], SECRET).replace("tripledes-cbc", "rot13");
        let refused = read(&package(&odd, ""), Some("right")).unwrap_err();
        assert_eq!(refused.code(), "SO2051", "{refused}");
        let cut = data(CIPHERS[1], SECRET).replace("Salt=\"", "Salt=\"!");
        let refused = read(&package(&cut, ""), Some("right")).unwrap_err();
        assert_eq!(refused.code(), "SO2051", "{refused}");
        let user = "<DTS:Password DTS:Name=\"Password\" Sensitive=\"1\" Encrypted=\"1\">AQAAANCMnd8B</DTS:Password>";
        let package = read(&package(user, ""), Some("right")).unwrap();
        assert_eq!(package.notes[0].code, "SO2010");
    }
}
