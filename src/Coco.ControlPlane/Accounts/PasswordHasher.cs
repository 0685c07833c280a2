using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;
using Coco.Crypto;

namespace Coco.ControlPlane.Accounts;

/// <summary>
/// Hashes passwords: HMAC with a key from the server's secret, so that a copy of the database alone lets nobody guess and long passwords count to
/// their last character, then Argon2id. Only some are computed at once, which bounds what a flood of sign-ins takes of memory and processors.
/// Kept as <c>argon2id$KiB$passes$salt$hash</c>.
/// </summary>
internal sealed class PasswordHasher(ServerSecret secret, ControlPlaneSettings settings) : IDisposable
{
    private const string Name = "argon2id";
    private const int HashSize = 32;

    private readonly PasswordSettings _cost = settings.Passwords;
    private readonly SemaphoreSlim _turns = new(settings.Passwords.AtOnce);
    private int _waiting;
    private long _computations;

    /// <summary>How often Argon2id was computed.</summary>
    public long Computations => Interlocked.Read(ref _computations);

    public async Task<string> HashAsync(string password, CancellationToken cancellationToken)
    {
        var salt = RandomNumberGenerator.GetBytes(Argon2id.SaltSize);
        var (memoryKiB, passes) = (_cost.MemoryMiB * 1024, _cost.Passes);
        var hash = await ComputeAsync(password, salt, passes, memoryKiB, cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"{Name}${memoryKiB}${passes}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
    }

    /// <summary>Compares. Without a stored hash it does the same work and says no, so that nobody learns by the clock where there is none.</summary>
    public async Task<bool> VerifyAsync(string password, string? stored, CancellationToken cancellationToken)
    {
        if (stored?.Split('$') is [Name, var memory, var passes, var salt, var hash])
        {
            var computed = await ComputeAsync(password, Convert.FromBase64String(salt), Number(passes), Number(memory), cancellationToken);
            return CryptographicOperations.FixedTimeEquals(computed, Convert.FromBase64String(hash));
        }
        await ComputeAsync(password, new byte[Argon2id.SaltSize], _cost.Passes, _cost.MemoryMiB * 1024, cancellationToken);
        return false;
    }

    public void Dispose() => _turns.Dispose();

    private async Task<byte[]> ComputeAsync(string password, byte[] salt, int passes, int memoryKiB, CancellationToken cancellationToken)
    {
        var key = HMACSHA256.HashData(secret.Derive("passwords"), Encoding.UTF8.GetBytes(password));
        if (Interlocked.Increment(ref _waiting) > _cost.MaxWaiting + _cost.AtOnce)
        {
            Interlocked.Decrement(ref _waiting);
            throw new ApiException(ProblemCode.Unavailable, "Too many people sign in at this moment. Try again.") { RetryAfter = TimeSpan.FromSeconds(2) };
        }
        try
        {
            await _turns.WaitAsync(cancellationToken);
            try
            {
                Interlocked.Increment(ref _computations);
                var hash = new byte[HashSize];
                await Task.Run(() => Argon2id.Derive(key, salt, passes, memoryKiB, hash), CancellationToken.None);
                return hash;
            }
            finally
            {
                _turns.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
