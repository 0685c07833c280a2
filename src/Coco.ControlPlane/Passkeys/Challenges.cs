using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Passkeys;

/// <summary>
/// Challenges for authenticators: sealed by the server's secret with when they end and for whom they are, so that asking for one stores nothing. One
/// that was answered well is kept until it ends: it is good once.
/// </summary>
internal sealed class Challenges(ServerSecret secret, TimeProvider time)
{
    private const string Purpose = "passkey challenges";
    private const int HeadSize = 8;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <param name="subject">The account that adds a passkey; empty for a sign-in.</param>
    public byte[] Make(string subject)
    {
        var plain = new byte[HeadSize + Encoding.ASCII.GetByteCount(subject)];
        BinaryPrimitives.WriteInt64BigEndian(plain, (time.GetUtcNow() + Lifetime).ToUnixTimeMilliseconds());
        Encoding.ASCII.GetBytes(subject, plain.AsSpan(HeadSize));
        return secret.Seal(Purpose, plain);
    }

    /// <summary>Whether it was made here for this, and has not ended.</summary>
    public bool IsOurs(byte[] challenge, string subject)
    {
        if (challenge.Length > 256) { return false; }
        try
        {
            var plain = secret.Open(Purpose, challenge);
            return plain.Length >= HeadSize && !Lifespan.IsOver(DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(plain)), Lifetime, time.GetUtcNow()) &&
                plain.AsSpan(HeadSize).SequenceEqual(Encoding.ASCII.GetBytes(subject));
        }
        catch (StorageException)
        {
            return false;
        }
    }

    /// <summary>Uses it up, in the caller's transaction.</summary>
    /// <returns>Whether it was good still.</returns>
    public async Task<bool> TryUseAsync(Session session, byte[] challenge) => await session.ExecuteAsync(
        $"INSERT INTO passkey_challenges (hash, expires) VALUES ({SHA256.HashData(challenge)}, {time.GetUtcNow() + Lifetime}) ON CONFLICT (hash) DO NOTHING") == 1;
}
