namespace Coco.Crypto.KeyFiles;

/// <summary>What was wrong with a key file.</summary>
public enum KeyFileError
{
    /// <summary>There is no such file.</summary>
    NotFound,

    /// <summary>There is a file already, and overwriting it was not asked for.</summary>
    AlreadyExists,

    /// <summary>The system refused to read or write: permissions, a full disk, a missing folder.</summary>
    Inaccessible,

    /// <summary>The path names a folder, a device, a pipe or a socket.</summary>
    NotRegularFile,

    /// <summary>The file is readable or writable by others than its owner although nothing else protects the key.</summary>
    TooPermissive,

    /// <summary>The file belongs to another user, who could exchange the key at any time.</summary>
    NotOwned,

    /// <summary>The file is a key file's beginning.</summary>
    Truncated,

    /// <summary>The file is something else.</summary>
    Foreign,

    /// <summary>A later version of this library wrote the file.</summary>
    UnsupportedVersion,

    /// <summary>The file is damaged or was tampered with.</summary>
    Corrupt,

    /// <summary>The file is protected by a passphrase and none was given, or the other way round.</summary>
    WrongKind,

    /// <summary>The file is whole, the passphrase is another.</summary>
    WrongPassphrase,

    /// <summary>Checking a passphrase would take more memory or time than this system has or this library allows.</summary>
    TooCostly,
}
