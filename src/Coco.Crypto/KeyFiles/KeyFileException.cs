namespace Coco.Crypto.KeyFiles;

/// <summary>A key file could not be read or written. The message names the file and what to do.</summary>
public sealed class KeyFileException : Exception
{
    internal KeyFileException(KeyFileError code, string path, Exception? inner = null)
        : base($"Key file \"{path}\" {Describe(code)}", inner) => (Code, Path) = (code, path);

    /// <summary>What was wrong.</summary>
    public KeyFileError Code { get; }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Whether trying again later, with nothing changed, may succeed.</summary>
    public bool IsTransient => Code is KeyFileError.Inaccessible or KeyFileError.TooCostly;

    private static string Describe(KeyFileError code) => code switch
    {
        KeyFileError.NotFound => "does not exist. Check the path, or create a key first.",
        KeyFileError.AlreadyExists => "exists already. Choose another path, or ask to overwrite it: the key in it is then lost.",
        KeyFileError.Inaccessible => "could not be read or written. Check the folder, its permissions and the free space.",
        KeyFileError.NotRegularFile => "is not a regular file. Give the path of the key file itself.",
        KeyFileError.TooPermissive => "is open to other users. Run `chmod 600` on it if they cannot have copied the key.",
        KeyFileError.NotOwned => "belongs to another user. Run as that user, or `chown` the file if you trust its content.",
        KeyFileError.Truncated => "ends too early. Restore it from a backup.",
        KeyFileError.Foreign => "is not a key file. Check the path.",
        KeyFileError.UnsupportedVersion => "was written by a later version, or is damaged. Update this program.",
        KeyFileError.Corrupt => "is damaged or was tampered with. Restore it from a backup.",
        KeyFileError.WrongKind => "is of the other kind: a passphrase is needed if none was given, and none if one was.",
        KeyFileError.WrongPassphrase => "does not open with this passphrase. Try again; without the passphrase the key is lost.",
        KeyFileError.TooCostly => "asks for more memory or time than this system has or this program allows. "
            + "Use a machine with more memory, or restore the file from a backup.",
        _ => "could not be used.",
    };
}
