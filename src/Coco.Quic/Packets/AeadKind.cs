namespace Coco.Quic.Packets;

/// <summary>The AEADs of our profile: AES only where version 1 prescribes it, in Initial and Retry packets.</summary>
internal enum AeadKind : byte
{
    Aes128Gcm,
    ChaCha20Poly1305,
}
