namespace Coco.Storage;

/// <summary>What was wrong with a store.</summary>
public enum StoreError
{
    /// <summary>There is no such file.</summary>
    NotFound,

    /// <summary>There is a file already, and a new store was asked for.</summary>
    AlreadyExists,

    /// <summary>The file is something else, or the path names a folder, a device, a pipe or a socket.</summary>
    Foreign,

    /// <summary>A later version of this library wrote the file.</summary>
    UnsupportedVersion,

    /// <summary>The store is under another passphrase.</summary>
    WrongPassphrase,

    /// <summary>The store is under another identity's key, or under a passphrase where a key was given, or the reverse.</summary>
    WrongKey,

    /// <summary>The file is damaged or was tampered with.</summary>
    Corrupt,

    /// <summary>Another process, or another store object of this one, has the file open.</summary>
    Locked,

    /// <summary>The disk is full. Nothing of the failed commit is there; a later one may succeed.</summary>
    Full,

    /// <summary>The system refused to read or write. After a failed commit the store takes no more until it is opened again.</summary>
    Io,

    /// <summary>The passphrase asks for more memory or time than this system has or this program allows.</summary>
    TooCostly,
}
