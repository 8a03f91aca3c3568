// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @title Ownership, as OpenZeppelin's Ownable reports it
interface IOwnable {
    /// The caller may not do this: it is not the owner.
    error OwnableUnauthorizedAccount(address account);

    /// The address cannot own the contract. It is the zero address.
    error OwnableInvalidOwner(address owner);

    /// @dev The only event whose parameters are indexed.
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    /// @return the address that may change the contract
    function owner() external view returns (address);
}
