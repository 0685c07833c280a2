namespace Coco.Crypto.KeyFiles;

/// <summary>What a key file says without its passphrase. The identity is a claim until the key has been read.</summary>
/// <param name="Kind">What protects the key.</param>
/// <param name="Id">Whose key it is.</param>
public readonly record struct KeyFileInfo(KeyFileKind Kind, NodeId Id);
