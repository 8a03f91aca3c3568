// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {IOwnable} from "./IOwnable.sol";
import {SourceParams} from "./ISource.sol";

/// @title OpenGPU's registry: the part that concerns sources
/// @dev No parameter of its events is indexed, but those of OwnershipTransferred.
/// Other refusals than the custom errors are revert strings, such as "NotOwner".
interface INexus is IOwnable {
    /// A source was published, and this is its contract. Its parameters are there.
    event SourcePublished(address source);

    /// A source was changed through Nexus.
    event SourceUpdated(address source, SourceParams sourceParams);

    /// A source was made inactive through Nexus: ACTIVE = 0, INACTIVE = 1.
    event SourceStatusChanged(address source, uint8 status);

    /// A provider registered to a source, with one of its environments.
    event Registered(address provider, uint256 registrantId, address source, uint8 preferredEnvironment);

    /// @notice Publishes a source: a contract of its own, which the client owns.
    /// @param params its parameters, where the client is the caller
    function publishSource(SourceParams calldata params) external;

    /// @notice Changes a source, for its owner.
    /// @param source the source's contract
    /// @param params all of the new parameters
    function updateSource(address source, SourceParams calldata params) external;

    /// @notice Makes a source inactive for good, for its owner.
    /// @param source the source's contract
    function inactivateSource(address source) external;

    /// @notice Registers a provider to a source.
    /// @param source the source's contract
    /// @param provider who registers
    /// @param preferredEnvironment one bit of the source's environments: CPU = 1, NVIDIA = 2, AMD = 4
    function register(address source, address provider, uint8 preferredEnvironment) external;

    /// @return how many sources were ever published
    function getSourceCount() external view returns (uint256);

    /// @param lower index of the first source
    /// @param upper index after the last source
    /// @return the sources' contracts; the zero address where there is none
    function getSources(uint256 lower, uint256 upper) external view returns (address[] memory);

    /// @return the index of a source in getSources
    function getSourceId(address source) external view returns (uint256);

    /// @param client who published
    /// @param index which of the client's sources, from 0; past the last one it reverts
    /// @return the source's contract
    function sourcesOf(address client, uint256 index) external view returns (address);

    /// @return how many of a client's sources are active
    function getActiveSourceCount(address client) external view returns (uint256);

    /// @return how many of a client's sources are active
    function activeSourceCountOf(address client) external view returns (uint256);

    /// @return who manages the registry
    function manager() external view returns (address);

    /// @return the contract that tasks' answers go through
    function terminal() external view returns (address);

    /// @return the contract that holds payments and lockups
    function vault() external view returns (address);
}
