//! `tenken record`.

use super::arguments::RecordFlags;
use super::front::{Front, connection, machine};
use super::{Failure, complain};
use tenken::ask::ScanOptions;
use tenken::deliver::Access;
use tenken::run::{self, SnapshotSource};
use tenken::text::Lang;

/// Records an account.
pub(crate) fn record(arguments: &RecordFlags) -> Result<u8, Failure> {
    let folder = &arguments.folder;
    let is_used = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if is_used {
        let folder = folder.display();
        return Err(Failure::new(
            format!("failed to record into {folder}: it is not empty; name a new folder"),
            format!("{folder} に記録できない: 空ではない。新しいフォルダーを指定する。"),
        ));
    }
    let front = Front::new(&arguments.config, None, &[], None)?;
    let settings = connection(&SnapshotSource::Live, arguments.connection.settings(), front.file())?;
    let options = ScanOptions { record: Some(folder.clone()), ..run::scan_options(&settings) };
    let snapshot = machine(Access::default(), front.lang).collect(&options)?;
    let folder = folder.display();
    let gaps = snapshot.gaps.len();
    let account = &snapshot.account;
    complain(&match front.lang {
        Lang::En => format!(
            "Recorded account {account} into {folder}, without secrets; {gaps} questions had no answer.\nReplay it with: tenken scan --replay {folder}\n"
        ),
        Lang::Ja => format!(
            "アカウント {account} を {folder} に記録した（秘密情報は含まない）。回答を得られなかった問い合わせは {gaps} 件。\n再生: tenken scan --replay {folder}\n"
        ),
    });
    Ok(if gaps == 0 { run::EXIT_CLEAN } else { run::EXIT_UNKNOWN })
}
