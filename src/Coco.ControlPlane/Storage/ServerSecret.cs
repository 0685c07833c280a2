using System.Security.Cryptography;
using System.Text;

namespace Coco.ControlPlane.Storage;

/// <summary>
/// The secret that all instances share and the database does not hold: whoever steals a copy of the database can neither sign with its keys nor
/// find out whose a pseudonym is. Keys for each purpose come from it by HKDF (RFC 5869).
/// </summary>
internal sealed class ServerSecret : IDisposable
{
    private const int Size = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly byte[] _bytes;

    private ServerSecret(byte[] bytes) => _bytes = bytes;

    /// <summary>Reads the file; makes it where it may and there is none.</summary>
    /// <exception cref="StorageException">It is not there, not of 32 bytes, or others may read it.</exception>
    public static ServerSecret Open(string path, bool mayCreate)
    {
        if (!File.Exists(path))
        {
            if (!mayCreate)
            {
                throw new StorageException($"There is no {path}. Instances that share a database share this file: copy it from another, or make it with `head -c 32 /dev/urandom > {path}; chmod 600 {path}`.", isFull: false);
            }
            Create(path);
        }
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
        {
            throw new StorageException($"Others may read {path}. Run `chmod 600 {path}`.", isFull: false);
        }
        var bytes = File.ReadAllBytes(path);
        return bytes.Length == Size ? new(bytes) : throw new StorageException($"{path} has {bytes.Length} bytes, not {Size}: it is no secret of a control plane, or not all of it.", isFull: false);
    }

    /// <summary>A key for one purpose.</summary>
    public byte[] Derive(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _bytes, Size, salt: [], Encoding.UTF8.GetBytes("coco control plane v1 " + purpose));

    /// <summary>A key for one purpose and one salt.</summary>
    public byte[] Derive(string purpose, ReadOnlySpan<byte> salt)
    {
        var key = new byte[Size];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _bytes, key, salt, Encoding.UTF8.GetBytes("coco control plane v1 " + purpose));
        return key;
    }

    /// <summary>Encrypts what rests in the database; the purpose is needed to open it again. 28 bytes longer.</summary>
    public byte[] Seal(string purpose, ReadOnlySpan<byte> plain)
    {
        var box = new byte[NonceSize + plain.Length + TagSize];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceSize));
        using var aead = new ChaCha20Poly1305(Derive(purpose));
        aead.Encrypt(box.AsSpan(0, NonceSize), plain, box.AsSpan(NonceSize, plain.Length), box.AsSpan(NonceSize + plain.Length));
        return box;
    }

    /// <summary>Decrypts what <see cref="Seal"/> made.</summary>
    /// <exception cref="StorageException">It was made with another secret, for something else, or was changed.</exception>
    public byte[] Open(string purpose, ReadOnlySpan<byte> box)
    {
        try
        {
            var plain = new byte[box.Length - NonceSize - TagSize];
            using var aead = new ChaCha20Poly1305(Derive(purpose));
            aead.Decrypt(box[..NonceSize], box.Slice(NonceSize, plain.Length), box[(NonceSize + plain.Length)..], plain);
            return plain;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentOutOfRangeException or OverflowException)
        {
            throw new StorageException($"What is sealed in the database for '{purpose}' does not open: the secret file belongs to another database.", isFull: false, exception);
        }
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var temporary = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) { options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; }
        using (var file = new FileStream(temporary, options))
        {
            file.Write(RandomNumberGenerator.GetBytes(Size));
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: false);
    }
}
