//! What the operating system says, in every language: its own words are in one.

use super::Text;
use std::io::{Error, ErrorKind};

/// Why the system refused something. In Japanese the number of the error follows, by which it can be looked up.
pub(crate) fn system_error(error: &Error) -> Text {
    let japanese = match error.kind() {
        ErrorKind::NotFound => "ファイルまたはフォルダーが存在しない",
        ErrorKind::PermissionDenied => "アクセス権がない",
        ErrorKind::AlreadyExists => "すでに存在する",
        ErrorKind::IsADirectory => "フォルダーである",
        ErrorKind::NotADirectory => "途中のパスがフォルダーではない",
        ErrorKind::DirectoryNotEmpty => "フォルダーが空ではない",
        ErrorKind::ReadOnlyFilesystem => "読み取り専用のファイルシステムである",
        ErrorKind::StorageFull => "空き容量がない",
        ErrorKind::QuotaExceeded => "ディスクの割り当て量を超えた",
        ErrorKind::FileTooLarge => "ファイルが大きすぎる",
        ErrorKind::InvalidFilename => "ファイル名として使えない",
        ErrorKind::ResourceBusy => "使用中である",
        ErrorKind::TimedOut => "タイムアウトした",
        ErrorKind::Interrupted => "中断された",
        ErrorKind::BrokenPipe => "出力先が閉じられた",
        ErrorKind::UnexpectedEof => "途中で終わっている",
        ErrorKind::InvalidData => "内容が正しくない",
        ErrorKind::OutOfMemory => "メモリが足りない",
        _ => return Text::same(error.to_string()),
    };
    let number = error.raw_os_error().map(|number| format!("（OS エラー {number}）")).unwrap_or_default();
    Text::new(error.to_string(), format!("{japanese}{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_system_are_said_in_both_languages() {
        let text = system_error(&Error::from_raw_os_error(2));
        assert_eq!(text.ja, "ファイルまたはフォルダーが存在しない（OS エラー 2）");
        assert!(text.en.contains("os error 2"), "{}", text.en);
        let other = system_error(&Error::other("own words"));
        assert_eq!(other, Text::same("own words"));
    }
}
