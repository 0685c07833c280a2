namespace Coco.Storage;

/// <summary>A store could not be opened, read or written. The message names the file and what to do.</summary>
public sealed class StoreException : Exception
{
    internal StoreException(StoreError code, string path, string? detail = null, Exception? inner = null)
        : base($"Store \"{path}\" {Describe(code)}{(detail is null ? "" : $" ({detail})")}", inner) => (Code, Path) = (code, path);

    /// <summary>What was wrong.</summary>
    public StoreError Code { get; }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Whether trying again later, with nothing changed, may succeed.</summary>
    public bool IsTransient => Code is StoreError.Locked or StoreError.Full or StoreError.Io or StoreError.TooCostly;

    private static string Describe(StoreError code) => code switch
    {
        StoreError.NotFound => "does not exist. Check the path, or create the store first.",
        StoreError.AlreadyExists => "exists already. Choose another path, or open it.",
        StoreError.Foreign => "is not a store of Coco. Check the path; the file was left as it is.",
        StoreError.UnsupportedVersion => "was written by a later version. Update this program; the file was left as it is.",
        StoreError.WrongPassphrase => "does not open with this passphrase. Try again; without the passphrase its content is lost.",
        StoreError.WrongKey => "was made for another key. Give the identity or passphrase it was made with.",
        StoreError.Corrupt => "is damaged or was tampered with. Move it and its -wal file away and restore a backup, "
            + "or join the network again with a new store; the file was left as it is.",
        StoreError.Locked => "is open already. Stop the other process that uses it.",
        StoreError.Full => "could not grow: the disk is full. Free some space and try again.",
        StoreError.Io => "could not be read or written. Check the folder, its permissions and the disk, and open it again.",
        StoreError.TooCostly => "asks for more memory or time than this system has or this program allows. "
            + "Use a machine with more memory, or restore a backup.",
        _ => "could not be used.",
    };
}
