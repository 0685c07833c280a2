using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Networks;

/// <summary>
/// What callers have to sign. A challenge says itself for whom and until when it is, sealed by the instances' secret, so nothing is stored of those
/// nobody answers: <c>base64url( expiry u64 ‖ random 16 ‖ HMAC-SHA256( key, expiry ‖ random ‖ caller ) )</c>.
/// </summary>
internal sealed class Challenges(ServerSecret secret, Subjects subjects, ControlPlaneSettings settings, TimeProvider time)
{
    private const int HeadSize = 24;
    private const int Size = HeadSize + 32;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly byte[] _key = secret.Derive("challenges");

    public ChallengeView Make(Caller caller)
    {
        var expires = time.GetUtcNow() + Lifetime;
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)expires.ToUnixTimeSeconds());
        RandomNumberGenerator.Fill(bytes.AsSpan(8, 16));
        var subject = subjects.NameOf(caller);
        Mark(subject, bytes.AsSpan(0, HeadSize)).CopyTo(bytes, HeadSize);
        return new(Base64Url.EncodeToString(bytes), subject, expires);
    }

    /// <summary>Requires a challenge that this caller got lately.</summary>
    /// <returns>What the caller is called in what was signed.</returns>
    public string Require(Caller caller, string challenge)
    {
        var subject = subjects.NameOf(caller);
        var bytes = challenge.Length <= 2 * Size && Base64Url.IsValid(challenge) ? Base64Url.DecodeFromChars(challenge) : [];
        if (bytes.Length != Size || !CryptographicOperations.FixedTimeEquals(Mark(subject, bytes.AsSpan(0, HeadSize)), bytes.AsSpan(HeadSize)))
        {
            throw new ApiException(ProblemCode.Invalid, "The challenge is none of this control plane's for this caller.");
        }
        if (Lifespan.IsOver(DateTimeOffset.FromUnixTimeSeconds((long)BinaryPrimitives.ReadUInt64BigEndian(bytes)), Lifetime, time.GetUtcNow())) { throw new ApiException(ProblemCode.Gone, "The challenge is too old. Get another."); }
        return subject;
    }

    /// <summary>This control plane, as the caller reached it.</summary>
    public string OriginOf(HttpContext context) => KeyProofs.OriginOf(new(settings.PublicUrl ?? $"{context.Request.Scheme}://{context.Request.Host}"));

    private byte[] Mark(string caller, ReadOnlySpan<byte> head) => HMACSHA256.HashData(_key, (byte[])[.. head, .. Encoding.UTF8.GetBytes(caller)]);
}
