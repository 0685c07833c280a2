using System.Buffers.Binary;
using System.Security.Cryptography;
using Coco.Crypto.KeyFiles;
using FsCheck;
using FsCheck.Fluent;
using static Coco.Crypto.Tests.Vectors;

namespace Coco.Crypto.Tests;

public sealed class KeyFileFormatTests
{
    private const int Passes = 1, MemoryKiB = 8;
    private static readonly byte[] Passphrase = "passphrase"u8.ToArray();
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(42UL, 7UL);

    [Fact] // digests of files put together by another program from the layout alone, with other implementations of each algorithm
    public void The_bytes_of_version_1_do_not_change()
    {
        Assert.Equal("5bd5d3e255d661b3170c739332e8edbe734ef76095a746d43d53c2322a92ceca", Digest(Unattended()));
        Assert.Equal("8eb7cf35b080f64b8fc87fa937755043f9107b10006bf7ae3738204b3e2df90a", Digest(Protected()));
    }

    [Fact]
    public void A_file_cut_anywhere_is_truncated()
    {
        foreach (var file in new[] { Unattended(), Protected() })
        {
            for (var length = 0; length < file.Length; length++)
            {
                Assert.Equal((length, KeyFileError.Truncated), (length, Read(file[..length])!.Value));
            }
        }
    }

    [Fact]
    public void A_file_with_any_bit_flipped_is_damaged_or_foreign_but_never_a_wrong_passphrase()
    {
        foreach (var file in new[] { Unattended(), Protected() })
        {
            for (var bit = 0; bit < file.Length * 8; bit++)
            {
                file[bit / 8] ^= (byte)(1 << (bit % 8));
                var expected = (bit / 8) switch
                {
                    < 8 => KeyFileError.Foreign,
                    8 => KeyFileError.UnsupportedVersion,
                    _ => KeyFileError.Corrupt,
                };
                Assert.Equal((bit, expected), (bit, Read(file)!.Value));
                file[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Fact]
    public void A_tampered_file_whose_checksum_was_made_right_does_not_give_another_key()
    {
        foreach (var file in new[] { Unattended(), Protected() })
        {
            for (var at = 9; at < file.Length - 32; at++)
            {
                if (at is >= 44 and < 52 && file[9] == 1) { continue; } // Argon2id's cost: below
                var tampered = file.ToArray();
                tampered[at] ^= 0x10;
                FixChecksum(tampered);

                var error = Read(tampered);
                // Another salt or key check value is what another passphrase looks like; the rest is found by the tag or the
                // identity.
                var isLikeWrongPassphrase = file[9] == 1 && at is (>= 52 and < 68) or (>= 80 and < 96);
                Assert.Equal((at, isLikeWrongPassphrase ? KeyFileError.WrongPassphrase : KeyFileError.Corrupt), (at, error!.Value));
            }
        }
    }

    [Theory]
    [InlineData(int.MaxValue, MemoryKiB)]
    [InlineData(17, MemoryKiB)]
    [InlineData(0, MemoryKiB)]
    [InlineData(-1, MemoryKiB)]
    [InlineData(Passes, int.MaxValue)]
    [InlineData(Passes, 1024 * 1024 + 1)]
    [InlineData(Passes, 7)]
    [InlineData(Passes, int.MinValue)]
    public void A_hostile_file_cannot_ask_for_more_than_the_limits(int passes, int memoryKiB)
    {
        var file = Protected();
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(44), passes);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(48), memoryKiB);
        FixChecksum(file);
        Assert.Equal(KeyFileError.TooCostly, Read(file));
    }

    [Fact]
    public void Any_key_and_passphrase_come_back()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (passphrase, seed) =>
        {
            using var key = IdentityKey.Generate(new SeededRandomSource((ulong)seed));
            var file = KeyFileFormat.WriteProtected(key, passphrase, Passes, MemoryKiB, new SeededRandomSource((ulong)seed));
            var error = KeyFileFormat.ReadProtected(file, passphrase, out var read);
            using (read)
            {
                var wrong = KeyFileFormat.ReadProtected(file, [.. passphrase, 1], out _);
                return error is null && read!.Id == key.Id && wrong == KeyFileError.WrongPassphrase;
            }
        }).Check(Runs);
    }

    [Fact]
    public void Arbitrary_bytes_are_an_error_and_never_an_exception()
    {
        var files = Gen.Choose(0, 200).SelectMany(length => Gen.Choose(0, 255).ArrayOf(length)).Select(values =>
        {
            var file = values.Select(v => (byte)v).ToArray();
            "COCOKEY\n\x01"u8[..Math.Min(9, file.Length)].CopyTo(file);
            return file;
        });
        Prop.ForAll(files.ToArbitrary(), file => Read(file) is not null && KeyFileFormat.ReadUnattended(file, out _) is not null).Check(Runs);
    }

    private static byte[] Unattended()
    {
        using var key = IdentityKey.FromSeed(Hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
        return KeyFileFormat.WriteUnattended(key);
    }

    private static byte[] Protected()
    {
        using var key = IdentityKey.FromSeed(Hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
        return KeyFileFormat.WriteProtected(key, Passphrase, Passes, MemoryKiB, new SeededRandomSource(1));
    }

    // As whoever knows the kind would: by the byte that says it.
    private static KeyFileError? Read(byte[] file)
    {
        var isUnattended = file.Length > 9 && file[9] == (byte)KeyFileKind.Unattended;
        IdentityKey? key;
        var error = isUnattended
            ? KeyFileFormat.ReadUnattended(file, out key)
            : KeyFileFormat.ReadProtected(file, Passphrase, out key);
        Assert.True(error is null || key is null);
        key?.Dispose();
        return error;
    }

    private static void FixChecksum(byte[] file) => SHA256.HashData(file.AsSpan(..^32), file.AsSpan(^32..));

    private static string Digest(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file));
}
