namespace Coco.Crypto.Tests;

/// <summary>The AEAD backends this system has: every test of a cipher runs on each.</summary>
public static class Backends
{
    public static TheoryData<AeadBackend> ChaCha20 => Present(PacketAead.ChaCha20Poly1305);

    public static TheoryData<AeadBackend> Aes128 => Present(PacketAead.Aes128Gcm);

    public static TheoryData<string, AeadBackend> All
    {
        get
        {
            var all = new TheoryData<string, AeadBackend>();
            foreach (var row in ChaCha20) { all.Add("ChaCha20-Poly1305", row.Data); }
            foreach (var row in Aes128) { all.Add("AES-128-GCM", row.Data); }
            return all;
        }
    }

    public static PacketAead Create(string cipher, AeadBackend backend) =>
        cipher == "AES-128-GCM" ? PacketAead.Aes128Gcm(backend) : PacketAead.ChaCha20Poly1305(backend);

    private static TheoryData<AeadBackend> Present(Func<AeadBackend, PacketAead> create)
    {
        var present = new TheoryData<AeadBackend>();
        foreach (var backend in new[] { AeadBackend.OpenSsl, AeadBackend.Sodium, AeadBackend.Platform })
        {
            try { create(backend); }
            catch (PlatformNotSupportedException) { continue; }
            present.Add(backend);
        }
        return present;
    }
}
