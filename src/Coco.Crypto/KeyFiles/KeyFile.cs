using System.Security.Cryptography;
using System.Text;

namespace Coco.Crypto.KeyFiles;

/// <summary>
/// A node's key at rest, in one of two kinds: protected by a passphrase, or unattended, protected by the file's permissions
/// alone. All methods throw <see cref="KeyFileException"/>, and nothing else, for whatever is wrong with a file.
/// </summary>
public static class KeyFile
{
    /// <summary>Most characters a passphrase may have.</summary>
    public const int MaxPassphraseLength = 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Writes a key protected by a passphrase, readable by the owner only, as a whole or not at all. Takes about 0.2 s and 64
    /// MiB. The passphrase counts as typed: accents composed in another way make another passphrase.
    /// </summary>
    public static void WriteProtected(string path, IdentityKey key, ReadOnlySpan<char> passphrase, KeyFileOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(key);
        if (passphrase.IsEmpty) { throw new ArgumentException("An empty passphrase protects nothing.", nameof(passphrase)); }

        options ??= new();
        var secret = Encode(passphrase);
        try
        {
            var content = KeyFileFormat.WriteProtected(key, secret, options.Passes, options.MemoryKiB, RandomSource.System);
            OwnerOnlyFile.Write(path, content, options.Overwrite);
        }
        catch (InsufficientMemoryException e)
        {
            throw new KeyFileException(KeyFileError.TooCostly, path, e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>
    /// Writes a key that only the file's permissions protect (0600 from its creation on), as a whole or not at all.
    /// </summary>
    public static void WriteUnattended(string path, IdentityKey key, KeyFileOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(key);
        var content = KeyFileFormat.WriteUnattended(key);
        try { OwnerOnlyFile.Write(path, content, options?.Overwrite ?? false); }
        finally { CryptographicOperations.ZeroMemory(content); }
    }

    /// <summary>What a file holds, to decide whether to ask for a passphrase.</summary>
    public static KeyFileInfo Inspect(string path)
    {
        var content = ReadContent(path, requireOwnerOnly: false);
        try
        {
            return KeyFileFormat.Inspect(content, out var info) is { } error ? throw new KeyFileException(error, path) : info;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Reads a key protected by a passphrase. The file's own permissions do not matter.</summary>
    public static IdentityKey ReadProtected(string path, ReadOnlySpan<char> passphrase)
    {
        var secret = Encode(passphrase);
        try
        {
            var content = ReadContent(path, requireOwnerOnly: false);
            return Accept(path, KeyFileFormat.ReadProtected(content, secret, out var key), key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Reads an unattended key; refused when others than this process's user can read the file or own it.</summary>
    public static IdentityKey ReadUnattended(string path)
    {
        var content = ReadContent(path, requireOwnerOnly: true);
        try
        {
            return Accept(path, KeyFileFormat.ReadUnattended(content, out var key), key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static IdentityKey Accept(string path, KeyFileError? error, IdentityKey? key) =>
        key is not null && error is null ? key : throw new KeyFileException(error ?? KeyFileError.Corrupt, path);

    private static byte[] ReadContent(string path, bool requireOwnerOnly)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = OwnerOnlyFile.Open(path);
        if (requireOwnerOnly) { OwnerOnlyFile.RequireOwnerOnly(file, path); }

        // One byte more than a key file has shows that a file is too long, whatever its length.
        var content = GC.AllocateArray<byte>(KeyFileFormat.MaxSize + 1, pinned: true);
        var length = 0;
        try
        {
            int read;
            while ((read = RandomAccess.Read(file, content.AsSpan(length), length)) > 0) { length += read; }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyFileException(KeyFileError.Inaccessible, path, e);
        }
        var exact = GC.AllocateArray<byte>(length, pinned: true);
        content.AsSpan(..length).CopyTo(exact);
        CryptographicOperations.ZeroMemory(content);
        return exact;
    }

    private static byte[] Encode(ReadOnlySpan<char> passphrase)
    {
        if (passphrase.Length > MaxPassphraseLength)
        {
            throw new ArgumentException($"A passphrase has at most {MaxPassphraseLength} characters.", nameof(passphrase));
        }
        var secret = GC.AllocateArray<byte>(StrictUtf8.GetByteCount(passphrase), pinned: true);
        StrictUtf8.GetBytes(passphrase, secret);
        return secret;
    }
}
