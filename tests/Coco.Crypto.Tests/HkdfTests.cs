using System.Security.Cryptography;
using static Coco.Crypto.Tests.Vectors;

namespace Coco.Crypto.Tests;

public sealed class HkdfTests
{
    [Theory] // RFC 5869 A.1, A.3: the platform's class, which key files and TLS rest on
    [InlineData(
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")]
    [InlineData(
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")]
    public void HKDF_matches_the_examples_of_its_specification(string input, string salt, string info, string expected) =>
        Assert.Equal(Hex(expected), HKDF.DeriveKey(HashAlgorithmName.SHA256, Hex(input), 42, Hex(salt), Hex(info)));
}
