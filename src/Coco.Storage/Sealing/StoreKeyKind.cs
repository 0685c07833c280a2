namespace Coco.Storage.Sealing;

/// <summary>What wraps a store's data keys, as the key record says it.</summary>
internal enum StoreKeyKind : byte
{
    Passphrase = 1,
    Identity = 2,
}
