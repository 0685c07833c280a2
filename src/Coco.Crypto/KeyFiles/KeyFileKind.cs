namespace Coco.Crypto.KeyFiles;

/// <summary>What protects the key in a file.</summary>
public enum KeyFileKind
{
    /// <summary>A passphrase, through Argon2id and ChaCha20-Poly1305.</summary>
    Passphrase = 1,

    /// <summary>Only the file's permissions, so that a node can start without anybody there.</summary>
    Unattended = 2,
}
