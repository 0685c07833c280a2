using System.Reflection;
using static Coco.Crypto.Tests.Vectors;

namespace Coco.Crypto.Tests;

public sealed class SecretTests
{
    [Fact]
    public void A_type_that_owns_secrets_prints_none_of_them()
    {
        using var identity = IdentityKey.FromSeed(new byte[IdentityKey.SeedSize]);
        using var ephemeral = EphemeralKey.Generate(RandomSource.System);
        using var agreed = Agree(ephemeral);

        Assert.Equal($"IdentityKey({identity.Id})", identity.ToString());
        Assert.Equal("[secret]", ephemeral.ToString());
        Assert.Equal("[secret]", agreed.ToString());
    }

    [Fact]
    public void Every_disposable_type_of_the_library_says_itself_what_it_prints()
    {
        // What is disposable here is so because it wipes a key; a native context prints its type's name, as objects do.
        var silent = typeof(IdentityKey).Assembly.GetTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IDisposable)) && t.Namespace != "Coco.Crypto.Native")
            .Where(t => t.GetMethod("ToString", Type.EmptyTypes)!.DeclaringType != t);
        Assert.Empty(silent);
    }

    [Fact]
    public void No_secret_is_a_record_or_a_public_array_or_field()
    {
        var secrets = typeof(IdentityKey).Assembly.GetTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(IDisposable))).ToList();
        Assert.Contains(typeof(SharedSecret), secrets);
        foreach (var type in secrets)
        {
            Assert.Null(type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic));
            Assert.DoesNotContain(type.GetProperties(), p => p.PropertyType == typeof(byte[]));
            Assert.DoesNotContain(type.GetFields(), f => !f.IsLiteral);
        }
    }

    [Fact]
    public void Disposing_wipes_the_bytes()
    {
        var identity = IdentityKey.FromSeed(Hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
        var ephemeral = EphemeralKey.Generate(RandomSource.System);
        var agreed = Agree(ephemeral);
        var bytes = new[] { BytesOf(identity, "_secret"), BytesOf(ephemeral, "_private"), BytesOf(agreed, "_bytes") };
        Assert.All(bytes, b => Assert.Contains(b, value => value != 0));

        identity.Dispose();
        ephemeral.Dispose();
        agreed.Dispose();

        Assert.All(bytes, b => Assert.All(b, value => Assert.Equal(0, value)));
        Assert.Throws<ObjectDisposedException>(() => agreed.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => ephemeral.TryAgree(new byte[32], out _));
    }

    [Fact]
    public void Shared_secrets_compare_by_content_in_constant_time_only()
    {
        using var key = EphemeralKey.Generate(RandomSource.System);
        using var one = Agree(key);
        using var same = Agree(key);
        using var otherKey = EphemeralKey.Generate(RandomSource.System);
        using var other = Agree(otherKey);

        Assert.True(one.FixedTimeEquals(same));
        Assert.False(one.FixedTimeEquals(other));
        Assert.False(one.Equals(same)); // Equals stays that of objects: nobody compares secrets by accident
    }

    private static SharedSecret Agree(EphemeralKey key)
    {
        var basePoint = new byte[EphemeralKey.PublicKeySize];
        basePoint[0] = 9;
        Assert.True(key.TryAgree(basePoint, out var secret));
        return secret;
    }

    private static byte[] BytesOf(object secret, string field) =>
        (byte[])secret.GetType().GetField(field, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(secret)!;
}
