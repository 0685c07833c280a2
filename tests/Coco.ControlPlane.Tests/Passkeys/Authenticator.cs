using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Passkeys;

/// <summary>A browser and an authenticator in one, as a program: it makes one passkey and signs with it (WebAuthn §6.3).</summary>
internal sealed class Authenticator(string origin, bool isEd25519) : IDisposable
{
    private readonly ECDsa _p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly IdentityKey _ed25519 = IdentityKey.Generate();
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(32);

    public string Origin { get; set; } = origin;

    public string RpId { get; set; } = new Uri(origin).Host;

    /// <summary>User present and verified, as long as nobody changes it.</summary>
    public byte Flags { get; set; } = 0x05;

    /// <summary>What it signs next; 0 for one that does not count.</summary>
    public uint SignCount { get; set; } = 1;

    public PasskeyRegistration Make(PasskeyCreation options, string name = "My key")
    {
        var data = Data((byte)(Flags | 0x40), [.. new byte[16], 0, 32, .. _id, .. Cose()]);
        byte[] attestation = [0xA3, .. Text("fmt"), .. Text("none"), .. Text("attStmt"), 0xA0, .. Text("authData"), .. Bytes(data)];
        return new(name, Base64Url.EncodeToString(ClientData("webauthn.create", options.Challenge)), Base64Url.EncodeToString(attestation));
    }

    public PasskeyAssertion Sign(PasskeyChallenge options, string? userHandle = null, string type = "webauthn.get")
    {
        var (client, data) = (ClientData(type, options.Challenge), Data(Flags, []));
        byte[] message = [.. data, .. SHA256.HashData(client)];
        var signature = isEd25519 ? new byte[IdentityKey.SignatureSize] : _p256.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        if (isEd25519) { _ed25519.Sign(message, signature); }
        return new(Base64Url.EncodeToString(_id), Base64Url.EncodeToString(client), Base64Url.EncodeToString(data), Base64Url.EncodeToString(signature), userHandle);
    }

    public void Dispose()
    {
        _p256.Dispose();
        _ed25519.Dispose();
    }

    private byte[] ClientData(string type, string challenge) => JsonSerializer.SerializeToUtf8Bytes(new { type, challenge, origin = Origin, crossOrigin = false });

    private byte[] Data(byte flags, byte[] rest)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, SignCount);
        if (SignCount != 0) { SignCount++; }
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(RpId)), flags, .. count, .. rest];
    }

    private byte[] Cose()
    {
        if (isEd25519)
        {
            var key = new byte[32];
            _ed25519.Id.CopyTo(key);
            return [0xA4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, .. Bytes(key)];
        }
        var point = _p256.ExportParameters(false).Q;
        return [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, .. Bytes(point.X!), 0x22, .. Bytes(point.Y!)];
    }

    private static byte[] Text(string text) => [(byte)(0x60 + text.Length), .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Bytes(byte[] bytes) => bytes.Length < 256 ? [0x58, (byte)bytes.Length, .. bytes] : [0x59, (byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
}
